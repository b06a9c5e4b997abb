"""Search optimizer and learning rate of a fine-tuning (paper Sec. 4.2).

    python tools/lr_search.py CONFIG CHECKPOINT --data-root DIR

Short runs at log-uniform rates over the ranges in the config's `transfer.lr`,
then one full run with the best. Started again, it goes on where it was.
"""
import argparse
from functools import partial
from pathlib import Path

from mmengine.config import DictAction

from xlearner_mm.apis import (VARIABLES, add_trust, backbone_variables,
                              load_config, run_tool, write_backbone)
from xlearner_mm.transfer import digest, search, start


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Search optimizer and learning rate of a fine-tuning')
    add = parser.add_argument
    add('config', help='a fine-tuning config of configs/downstream')
    add('checkpoint', help='of ours, or of any trainer of ResNets')
    add('--out-tasks',
        nargs='+',
        metavar='TASK',
        help='of an expanded network, the tasks whose fused features are '
        'concatenated (default: all)')
    add('--data-root', default='data', help="the datasets' folder")
    add('--work-dir', help='where the runs go')
    add('--points', type=int, default=5, help='rates per optimizer')
    add('--fraction', type=float, default=0.1, help='length of a short run')
    add('--optimizers', nargs='+', help='only these, e.g. SGD')
    add('--processes', type=int, default=1, help='GPUs, or CPU processes')
    add('--cfg-options',
        nargs='+',
        action=DictAction,
        help='override the config: key=value')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    name = f'{Path(args.config).stem}_{Path(args.checkpoint).stem}'
    folder = Path(args.work_dir or f'work_dirs/lr_search/{name}').resolve()
    backbone = folder / 'backbone.pth'
    write_backbone(args.checkpoint, backbone, args.out_tasks)
    variables = backbone_variables(str(backbone))
    variables[VARIABLES['data_root']] = args.data_root
    cfg = load_config(args.config, args.cfg_options, variables)
    result = search(
        cfg,
        folder,
        partial(start, processes=args.processes),
        digest(backbone),
        optimizers=args.optimizers,
        points=args.points,
        fraction=args.fraction)
    print('\n| optimizer | learning rate | score, % |\n|---|---|---|')
    for t in result['trials']:
        score = 'diverged' if t['score'] is None else f'{t["score"]:.2f}'
        print(f'| {t["optimizer"]} | {t["lr"]:.3g} | {score} |')
    print(f'\nfull run: {result["optimizer"]}, learning rate '
          f'{result["lr"]:.3g}: {result["score"]:.2f} %')


if __name__ == '__main__':
    run_tool(main)
