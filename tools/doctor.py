"""Say on one page what is wrong with a config, where, and what to do.

    python tools/doctor.py CONFIG [--world-size 8] [--cfg-options ...]

Reads no annotation file whole and loads no weights. Exit code 1 if there is
an error, which would stop or spoil a training. tools/train.py does the same
before it starts.
"""
import argparse
import sys

from mmengine.config import DictAction

try:
    from xlearner_mm.apis import load_config, run_tool
    from xlearner_mm.doctor import (ERROR, as_page, examine, processes_in_name,
                                    with_level)
except ImportError as error:  # of the mm packages: it says which, and why
    sys.exit(f'error: {error}')


def main() -> None:
    parser = argparse.ArgumentParser(description='Examine a config')
    parser.add_argument('config', help='path of the config')
    parser.add_argument('--work-dir', help='where the checkpoints will go')
    parser.add_argument(
        '--world-size',
        type=int,
        help='processes it is to be trained with; default: those in its name '
        '(8xb68), or 1')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    args = parser.parse_args()
    cfg = load_config(args.config, args.cfg_options)
    cfg.work_dir = args.work_dir or cfg.get('work_dir')
    processes = args.world_size or processes_in_name(cfg) or 1
    findings = examine(cfg, processes)
    print(as_page(args.config, findings))
    sys.exit(bool(with_level(findings, ERROR)))


if __name__ == '__main__':
    run_tool(main)
