"""Draw whether the sources' gradients on the backbone conflict.

    python tools/analysis_tools/gradient_conflict.py CONFIG CHECKPOINT
        [--batches 16] [--out FILE.svg]

A cell is the cosine between the gradients of two sources' losses on the whole
backbone, the mean over the first batches of the training; negative is a
conflict. Of an expansion, only sources of one task share any parameters.
"""
import argparse
from pathlib import Path

from mmengine.config import DictAction

from xlearner_mm.apis import (add_trust, load_config,
                              picture_gradient_conflict, run_tool)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Draw whether the sources' gradients conflict")
    add = parser.add_argument
    add('config', help='path of the config, of hard-sharing or an expansion')
    add('checkpoint', help='of its run')
    add('--batches', type=int, default=16, help='at least 2')
    add('--out',
        help='.svg or .png; default: analysis/gradient_conflict.svg beside '
        'the checkpoint')
    add('--cfg-options', nargs='+', action=DictAction, help='key=value')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    file = Path(
        args.out
        or Path(args.checkpoint).parent / 'analysis/gradient_conflict.svg')
    print(
        picture_gradient_conflict(
            load_config(args.config, args.cfg_options), args.checkpoint,
            args.batches, file))
    print(f'Written: {file}, {file.with_suffix(".json").name}')


if __name__ == '__main__':
    run_tool(main)
