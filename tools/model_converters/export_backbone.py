"""Export the plain backbone of a checkpoint, or the FPN of one source.

    python tools/model_converters/export_backbone.py SRC DST [--task T] --check
    python tools/model_converters/export_backbone.py SRC DST --neck SOURCE

A squeezed student has no FPN: take the detection task's of the expansion
stage.
"""
import argparse

from xlearner_mm.apis import (add_trust, check_export, export_backbone,
                              export_neck, run_tool)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Export the student of a squeeze, the backbone of a '
        'hard-sharing run, or one sub-backbone of an expansion')
    parser.add_argument('src', help='checkpoint written by a training run')
    parser.add_argument(
        'dst', help='file to write, .pth or .safetensors: a bare state dict')
    parser.add_argument('--task', help='sub-backbone of an expansion')
    parser.add_argument(
        '--neck',
        metavar='SOURCE',
        help='write the neck of this source (its FPN) in place of a backbone; '
        'of an expansion or a hard-sharing run, for a squeeze has none')
    parser.add_argument(
        '--check',
        action='store_true',
        help='load it in mmdet, mmseg, mmpretrain and torchvision and '
        'compare the features')
    add_trust(parser)
    args = parser.parse_args()
    if args.neck and (args.task or args.check):
        parser.error('--neck goes with neither --task nor --check')
    return args


def main() -> None:
    args = parse_args()
    if args.neck:
        neck = export_neck(args.src, args.dst, args.neck)
        print(f"{args.dst}: {len(neck)} entries of the neck of '{args.neck}'")
        return
    backbone = export_backbone(args.src, args.dst, args.task)
    print(f'{args.dst}: {len(backbone.state_dict)} entries of a '
          f'{backbone.cfg["type"]}')
    if args.check:
        for target, line in check_export(backbone, args.dst).items():
            print(f'{target:12s}{line}')


if __name__ == '__main__':
    run_tool(main)
