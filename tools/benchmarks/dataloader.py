"""Images per second of the one pool of workers, N sources of unequal cost.

    python tools/benchmarks/dataloader.py --json
    python tools/benchmarks/dataloader.py --workers 12 --json

The sources (xlearner_mm/testing/loading_inputs.py) are JPEG files of 224 to
800 pixels and upstream's pipelines. Measured in turn: the pool with W
workers; N plain upstream loaders with max(1, W // N) workers each; the pool
with as many workers as these have together; and each source's plain loader
alone, with W workers. All in the steady state, without the workers' start.

For each N a row over the limit, the sum of the sources' times alone, which is
the sum of their costs divided by W, as far as the machine can divide by W; and
one over the separate loaders. `ratio` is the worst of the former. With fewer
cores than workers both sides of the latter are limited by the cores: the pool
can then win only where one source alone costs more than a core can give.
`cpu_ratio` is that of the processor time of all processes, for a busy machine.
"""
import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, describe, finish,
                                              prepare)
from xlearner_mm.testing.loader_comparison import LoaderComparison
from xlearner_mm.testing.loading_inputs import SIDES, unequal_sources

#: What a row is compared with, and what its ratio has to reach.
LIMIT = dict(against='throughput, ours / limit', reach=dict(min=0.95))
SEPARATE = dict(
    against='throughput, ours / separate loaders', reach=dict(min=1.0))


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time the loader of many sources')
    parser.add_argument('--sources', type=int, nargs='+', default=[2, 6, 12])
    parser.add_argument('--workers', type=int, default=2, help='W')
    parser.add_argument(
        '--iterations', type=int, default=12, help='timed in each round')
    parser.add_argument(
        '--sides', type=int, nargs='+', default=SIDES, help='of the images')
    parser.set_defaults(repeats=3, warm_up=1)
    return parser.parse_args(argv)


def measure(count: int, args: Namespace) -> list[dict]:
    """Time one N; return its two rows."""
    with TemporaryDirectory() as folder:
        sources = unequal_sources(Path(folder), count, sides=args.sides)
        sides = LoaderComparison(sources, args.workers, args.iterations)
        times = sides.time(args.repeats, args.warm_up)
    facts = dict(
        images_per_second=times['images_per_second'], seconds=times['seconds'])
    rows = [
        dict(
            LIMIT,
            setting=f'N={count}, W={sides.workers}',
            **times['of_bound'],
            **facts),
        dict(
            SEPARATE,
            setting=f'N={count}, W={sides.equal}',
            **times['over_separate'])
    ]
    for row in rows:
        print(describe(row), flush=True)
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    rows = [row for count in args.sources for row in measure(count, args)]
    report = dict(
        name='dataloader',
        ratio=min(row['ratio'] for row in rows
                  if row['against'] == LIMIT['against']),
        settings=rows,
        cores=len(os.sched_getaffinity(0)))
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
