"""Time to import xlearner_mm, and until `tools/train.py --help` answers.

    python tools/benchmarks/start_up.py --json

Both against `import mmdet.models`, each in a process of its own, in turn.
`ratio` is the larger of the two.
"""
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, compare, finish,
                                              interleave)

ROOT = Path(__file__).parents[2]
COMMANDS = {
    'import xlearner_mm': ['-c', 'import xlearner_mm'],
    'train.py --help': ['tools/train.py', '--help'],
    'import mmdet.models': ['-c', 'import mmdet.models'],
}


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time the start of xlearner_mm')
    parser.set_defaults(repeats=5, warm_up=1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = torch.device('cpu')
    calls = {
        name:
        partial(
            subprocess.run, [sys.executable, *command],
            cwd=ROOT,
            check=True,
            capture_output=True)
        for name, command in COMMANDS.items()
    }
    *ours, upstream = COMMANDS
    laps = interleave(calls, args.repeats, args.warm_up, device)
    rows = [
        dict(setting=name, **compare(laps[name], laps[upstream]))
        for name in ours
    ]
    for row in rows:
        print(f'{row["setting"]}: {row["ratio"]:.2f} of {upstream}')
    report = dict(
        name='start_up',
        against=f'time / {upstream}',
        ratio=max(row['ratio'] for row in rows),
        reach=dict(max=1.1),
        settings=rows)
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
