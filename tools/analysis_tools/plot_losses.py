"""Draw the losses and metrics of each source of a run, or of several.

    python tools/analysis_tools/plot_losses.py WORK_DIR [WORK_DIR ...]

writes WORK_DIR/analysis/losses.svg and metrics.svg, or into --out-dir.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.errors import UserError
from xlearner_mm.visualization import plot_runs


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draw the losses and metrics of runs as SVG')
    parser.add_argument(
        'work_dirs', nargs='+', help='folders of the runs', metavar='WORK_DIR')
    parser.add_argument(
        '--out-dir',
        type=Path,
        help='where the files go; default: analysis/ in the first WORK_DIR')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    out_dir = args.out_dir or Path(args.work_dirs[0]) / 'analysis'
    files = plot_runs(args.work_dirs, out_dir)
    if not files:
        raise UserError(f'{", ".join(args.work_dirs)}: nothing was logged '
                        'yet; wait for the first log of the training')
    print('\n'.join(map(str, files)))


if __name__ == '__main__':
    run_tool(main)
