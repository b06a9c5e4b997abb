"""Draw how much each reconciliation layer adds (paper Eq. 2), over time.

    python tools/analysis_tools/reconciliation.py CONFIG [CHECKPOINT...]
        [--batches 4] [--out FILE.svg]

A cell is the norm of what a gamma adds over the norm of what it is added to.
Measured in the checkpoints, on the first batches of the training; without
checkpoints what a ReconciliationNormHook logged is drawn.
"""
import argparse
from pathlib import Path

from mmengine.config import DictAction

from xlearner_mm.apis import (add_trust, load_config, picture_gamma_norms,
                              run_tool)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draw how much each reconciliation layer adds')
    add = parser.add_argument
    add('config', help='path of the config of an expansion')
    add('checkpoints', nargs='*', help='of its run')
    add('--batches', type=int, default=4, help='for each checkpoint')
    add('--work-dir', help='folder of the run; default: as in training')
    add('--out',
        help='.svg or .png; default: WORK_DIR/analysis/reconciliation.svg')
    add('--cfg-options', nargs='+', action=DictAction, help='key=value')
    add_trust(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    work_dir = Path(
        args.work_dir
        or cfg.get('work_dir', f'work_dirs/{Path(args.config).stem}'))
    file = Path(args.out or work_dir / 'analysis/reconciliation.svg')
    picture_gamma_norms(cfg, args.checkpoints, work_dir, args.batches, file)
    print(f'Written: {file}, {file.with_suffix(".json").name}')


if __name__ == '__main__':
    run_tool(main)
