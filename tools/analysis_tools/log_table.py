"""Print a run's losses, at its start and at its end, and its metrics.

    python tools/analysis_tools/log_table.py WORK_DIR

Each loss is the mean over the first and over the last window that the run
logged (50 iterations by default), as a Markdown table.
"""
import argparse

from xlearner_mm.apis import run_tool
from xlearner_mm.visualization import read_run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print the losses and metrics of a run as Markdown')
    parser.add_argument('work_dir', help='folder of the run')
    return parser.parse_args()


def main() -> None:
    run = read_run(parse_args().work_dir)
    if run.train:
        steps = list(run.train)
        first, last = run.train[steps[0]], run.train[steps[-1]]
        print(f'| loss | up to iteration {steps[0]} | '
              f'up to iteration {steps[-1]} |\n|---|---|---|')
        for key in first:
            if 'loss' in key:
                end = f'{last[key]:.4g}' if key in last else '-'
                print(f'| {key} | {first[key]:.4g} | {end} |')
    if run.metrics:
        print('\n| metric | value |\n|---|---|')
        for key, value in list(run.metrics.values())[-1].items():
            print(f'| {key} | {value:.4g} |')


if __name__ == '__main__':
    run_tool(main)
