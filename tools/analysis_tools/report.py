"""Write a report of a run, one HTML file that needs nothing else.

    python tools/analysis_tools/report.py WORK_DIR [--out FILE]

writes WORK_DIR/report.html, of a finished, a stopped or a running run.
"""
import argparse
from pathlib import Path

from xlearner_mm.apis import run_tool
from xlearner_mm.visualization import write_report


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write an HTML report of a run')
    parser.add_argument('work_dir', help='folder of the run')
    parser.add_argument(
        '--out', type=Path, help='default: WORK_DIR/report.html')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    print(write_report(args.work_dir, args.out))


if __name__ == '__main__':
    run_tool(main)
