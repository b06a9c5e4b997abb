"""Time of a joint iteration, over the least it can cost.

    python tools/benchmarks/train_step.py --json
    python tools/benchmarks/train_step.py --device cuda --image-size 224 \
        --batch-size 32 --repeats 30 --json

The bound (xlearner_mm/testing/step_bound.py) is T upstream train_steps, the
foreign passes, the gammas and the optimizer, from upstream modules alone, in
the same process and in turn with ours. `ratio` is the median of ours over the
median of the bound; `pairs` are the quartiles of the rounds' own ratios, and
`cpu_ratio` is that of the process's processor time, for a busy machine.

The last line gives the worst ratio over all settings, and each setting's.
"""
from argparse import Namespace
from collections.abc import Sequence

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, describe, finish,
                                              prepare)
from xlearner_mm.testing.step_comparison import StepComparison


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time a joint iteration over its bound')
    parser.add_argument('--depth', type=int, nargs='+', default=[18, 50])
    parser.add_argument(
        '--tasks', type=int, nargs='+', choices=[2, 3, 4], default=[2, 3, 4])
    parser.add_argument('--image-size', type=int, default=128)
    parser.add_argument(
        '--batch-size', type=int, default=4, help='images per task')
    parser.set_defaults(repeats=6, warm_up=1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    settings = []
    report = dict(
        name='train_step', against='ours / bound', reach=dict(max=1.05))
    for depth in args.depth:
        for tasks in args.tasks:
            pair = StepComparison(depth, tasks, args.image_size,
                                  args.batch_size, device)
            row = dict(
                setting=f'R{depth}, T={tasks}',
                **pair.time(args.repeats, args.warm_up))
            settings.append(row)
            print(describe({**report, **row}), flush=True)
    worst = max(row['ratio'] for row in settings)
    finish(dict(report, ratio=worst, settings=settings), args, device)


if __name__ == '__main__':
    run_tool(main)
