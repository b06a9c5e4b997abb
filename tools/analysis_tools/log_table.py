"""Print a run's losses, at its start and at its end, and its metrics.

    python tools/analysis_tools/log_table.py WORK_DIR

Each loss is the mean over the first and over the last window that the run
logged (50 iterations by default), as a Markdown table.
"""
import argparse
import json
from pathlib import Path

from xlearner_mm.analysis.history import MEASURED


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print the losses and metrics of a run as Markdown')
    parser.add_argument('work_dir', help='folder of the run')
    return parser.parse_args()


def read_log(work_dir: str) -> list[dict]:
    """Return the entries of the latest log in a run's folder, in order."""
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not files:
        raise SystemExit(f'error: no */vis_data/scalars.json in {work_dir}; '
                         'give the work_dir of a run')
    return [json.loads(line) for line in files[-1].read_text().splitlines()]


def main() -> None:
    entries = read_log(parse_args().work_dir)
    train = [entry for entry in entries if 'loss' in entry]
    metrics = [
        entry for entry in entries
        if any('/' in key for key in entry) and not any(
            key.startswith(MEASURED) for key in entry)
    ]
    if train:
        first, last = train[0], train[-1]
        print(f'| loss | up to iteration {first["step"]} | '
              f'up to iteration {last["step"]} |\n|---|---|---|')
        for key in first:
            if 'loss' in key:
                print(f'| {key} | {first[key]:.4g} | {last[key]:.4g} |')
    if metrics:
        print('\n| metric | value |\n|---|---|')
        for key, value in metrics[-1].items():
            if '/' in key:
                print(f'| {key} | {value:.4g} |')


if __name__ == '__main__':
    main()
