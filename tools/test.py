"""Evaluate a checkpoint on every source of a config.

    python tools/test.py CONFIG CHECKPOINT [--work-dir DIR]
"""
import argparse
import os
from pathlib import Path

from mmengine.config import DictAction
from mmengine.runner import Runner

from xlearner_mm.apis import load_config, plain_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Evaluate a checkpoint')
    parser.add_argument('config', help='path of the config')
    parser.add_argument('checkpoint', help='path of the checkpoint')
    parser.add_argument('--work-dir', help='where the log goes')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override the config: key=value, e.g. sources.0.batch_size=2')
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    cfg.launcher = args.launcher
    cfg.work_dir = args.work_dir or cfg.get(
        'work_dir', f'work_dirs/{Path(args.config).stem}')
    cfg.load_from, cfg.resume = args.checkpoint, False
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    with plain_errors():
        main()
