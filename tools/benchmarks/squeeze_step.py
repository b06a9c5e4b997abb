"""Time of a squeeze iteration, over the least it can cost, and against hooks.

    python tools/benchmarks/squeeze_step.py --json
    python tools/benchmarks/squeeze_step.py --device cuda --image-size 224 \
        --batch-size 32 --repeats 30 --json

The bound (xlearner_mm/testing/upstream_squeeze.py) shares among the teachers
what is the same, keeps no graph of them and has no heads; it is built from
upstream modules. `ratio` is ours over it, the worst of all settings.

General distillers (mmrazor) run every teacher as a whole in mode 'loss' and
fetch its features by forward hooks. Their rows are the other way round, the
hooks' time over ours, on the same teachers: narrow heads, but for the
detector, mmdet's own Faster R-CNN (the paper's) or RetinaNet. The rows of
backbones alone leave the heads out of that.
"""
from argparse import Namespace
from collections.abc import Sequence

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, describe, finish,
                                              prepare)
from xlearner_mm.testing.squeeze_comparison import DETECTORS, SqueezeComparison

#: What a row is compared with, and what its ratio has to reach.
ROWS = dict(
    bound=dict(against='ours / bound', reach=dict(max=1.05)),
    **{
        name:
        dict(
            against=f'whole models ({name}), hooks / ours',
            reach=dict(min=1.3))
        for name in DETECTORS
    },
    backbones=dict(against='backbones alone, hooks / ours'))


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time a squeeze iteration over its bound')
    parser.add_argument('--depth', type=int, nargs='+', default=[18, 50])
    parser.add_argument(
        '--tasks', type=int, nargs='+', choices=[2, 3, 4], default=[2, 3])
    parser.add_argument('--image-size', type=int, default=128)
    parser.add_argument(
        '--batch-size', type=int, default=4, help='images per source')
    parser.set_defaults(repeats=4, warm_up=1)
    return parser.parse_args(argv)


def measure(args: Namespace, depth: int, tasks: int, joined: bool,
            device: torch.device) -> list[dict]:
    """Time one setting; return its rows."""
    sides = SqueezeComparison(depth, tasks, joined, args.image_size,
                              args.batch_size, device)
    times = sides.time(args.repeats, args.warm_up)
    setting = f'R{depth}, T={tasks}{"" if joined else ", without gammas"}'
    rows = [
        dict(setting=setting, **row, **times[name])
        for name, row in ROWS.items()
    ]
    for row in rows:
        print(describe(row), flush=True)
    return [dict(row, seconds=times['seconds']) for row in rows]


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    rows = [
        row for depth in args.depth for tasks in args.tasks
        for joined in (True, False)
        for row in measure(args, depth, tasks, joined, device)
    ]
    worst = max(row['ratio'] for row in rows
                if row['against'] == ROWS['bound']['against'])
    report = dict(name='squeeze_step', ratio=worst, settings=rows)
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
