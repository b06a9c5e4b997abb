"""Time of a hard-sharing iteration, over a plain upstream step.

    python tools/benchmarks/hard_sharing_step.py --json
    python tools/benchmarks/hard_sharing_step.py --device cuda \
        --image-size 224 --batch-size 32 --repeats 30 --json

Upstream's side is built from upstream models alone
(xlearner_mm/testing/shared_comparison.py): the `train_step` of one, three
models around one ResNet, and one classifier on all images of three sources
that ours merges into one batch. `ratio` is ours over upstream's, the worst of
all settings.
"""
from argparse import Namespace
from collections.abc import Sequence

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, describe, finish,
                                              prepare)
from xlearner_mm.testing.shared_comparison import SharedComparison, settings


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time a hard-sharing iteration over upstream\'s')
    parser.add_argument('--depth', type=int, nargs='+', default=[18, 50])
    parser.add_argument('--image-size', type=int, default=128)
    parser.add_argument(
        '--batch-size', type=int, default=4, help='images per source')
    parser.set_defaults(repeats=6, warm_up=1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    rows = []
    report = dict(
        name='hard_sharing_step',
        against='ours / upstream step',
        reach=dict(max=1.05))
    for depth in args.depth:
        sides = settings(depth, args.image_size, args.batch_size)
        for name, (sources, upstream) in sides.items():
            pair = SharedComparison(sources, upstream, depth, args.image_size,
                                    device)
            rows.append(
                dict(
                    setting=f'R{depth}, {name}',
                    **pair.time(args.repeats, args.warm_up)))
            print(describe({**report, **rows[-1]}), flush=True)
    worst = max(row['ratio'] for row in rows)
    finish(dict(report, ratio=worst, settings=rows), args, device)


if __name__ == '__main__':
    run_tool(main)
