"""How a joint iteration grows with T tasks and N sources, beside its bound.

    python tools/benchmarks/growth.py --json

Time, peak memory and start of T = 1..4 tasks with a source each, and of up to
12 sources of three tasks, of ours and of the bound (upstream models that
share a backbone per task, foreign passes, gammas:
xlearner_mm/testing/growth_bound.py). `ratio` is the worst of the times, ours
over the bound, at most 1.05: both grow alike.

A start is that of a new process, without the imports of the packages: ours
is a real run with two workers until its first iteration is done; the bound
builds the upstream models alone and runs a step, without data.

Writes growth.md and growth.svg to --work-dir.
"""
import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, describe, finish,
                                              prepare)
from xlearner_mm.testing.growth import GrowthComparison, start_up
from xlearner_mm.testing.growth_report import write_growth

_SIDES = ('ours', 'bound')


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Measure growth with tasks and sources')
    add = parser.add_argument
    add('--depth', type=int, default=18)
    add('--tasks', type=int, nargs='+', default=[1, 2, 3, 4], help='T')
    add('--sources', type=int, nargs='+', default=[1, 2, 3, 6, 9, 12])
    add('--image-size', type=int, default=128)
    add('--batch-size', type=int, default=4, help='images per source')
    add('--starts', type=int, default=1, help='of each side, 0 for none')
    add('--work-dir', default='work_dirs/bench')
    add('--start', nargs=3, metavar=('SIDE', 'T', 'N'), help='only time one')
    parser.set_defaults(repeats=5, warm_up=1)
    return parser.parse_args(argv)


def starts(side: str, tasks: int, count: int, args: Namespace) -> float:
    """Return the median seconds of starts in new processes."""
    command = [
        sys.executable, __file__, '--start', side,
        str(tasks),
        str(count), f'--depth={args.depth}', f'--threads={args.threads}'
    ]
    found = []
    for _ in range(args.starts):
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1])['start'])
    return median(found) if found else float('nan')


def measure(tasks: int, count: int, args: Namespace,
            device: torch.device) -> dict:
    """Measure one T and N; return its row."""
    sides = GrowthComparison(tasks, count, args.depth, args.image_size,
                             args.batch_size, device)
    row = dict(
        setting=f'T={tasks}, N={count}',
        tasks=tasks,
        count=count,
        **sides.time(args.repeats, args.warm_up),
        peaks=sides.memory(),
        start={side: starts(side, tasks, count, args)
               for side in _SIDES})
    print(describe(dict(row, against='time, ours / bound')), flush=True)
    return row


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    if args.start:
        side, tasks, count = args.start
        with TemporaryDirectory() as folder:
            found = start_up(side, int(tasks), int(count), args.depth,
                             Path(folder))
        print(json.dumps(found))
        return
    pairs = {
        'tasks': [(t, t) for t in args.tasks],
        'sources': [(min(n, 3), n) for n in args.sources]
    }
    rows = {
        pair: measure(*pair, args, device)
        for pair in dict.fromkeys(pairs['tasks'] + pairs['sources'])
    }
    write_growth(
        Path(args.work_dir),
        *([rows[pair] for pair in listed] for listed in pairs.values()))
    report = dict(
        name='growth',
        against='time, ours / bound',
        ratio=max(row['ratio'] for row in rows.values()),
        reach=dict(max=1.05),
        settings=list(rows.values()))
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
