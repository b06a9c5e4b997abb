"""Memory of a joint iteration, with one backward pass and with one a task.

    python tools/benchmarks/step_memory.py --json
    python tools/benchmarks/step_memory.py --depth 50 --batch-size 4 8 16 32
    python tools/benchmarks/step_memory.py --device cuda --batch-size 32 --json

Memory is what a step has in use at its peak above what was there before it
(parameters, momentum, batch): activations, gradients and temporary tensors.
Of each task, the upstream step's peak is measured, and what its gammas save
for their backward pass: foreign features, their own activations and the fused
sums. One backward pass for all is held against the sum over the tasks,
`backward='per_task'` against the largest task alone, with MMEngine's optimizer
wrapper and with the one that frees each task's gradients.

The last line gives the worst ratio of the former, and each setting's.
"""
from argparse import Namespace
from collections.abc import Sequence
from itertools import product

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import bench_parser, finish, prepare
from xlearner_mm.testing.step_comparison import StepComparison

_REACH = {
    'joint': dict(max=1.05),
    'per_task': dict(max=1.10),
    'per_task, absorbed': dict(max=1.10)
}


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser("Measure a joint iteration's memory")
    parser.add_argument('--depth', type=int, nargs='+', default=[18, 50])
    parser.add_argument(
        '--tasks', type=int, nargs='+', choices=[2, 3, 4], default=[2, 3, 4])
    parser.add_argument('--image-size', type=int, default=224)
    parser.add_argument(
        '--batch-size',
        type=int,
        nargs='+',
        default=[16],
        help='images per task')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    settings = []
    for depth, tasks, size in product(args.depth, args.tasks, args.batch_size):
        pair = StepComparison(depth, tasks, args.image_size, size, device)
        for row in pair.memory():
            row.update(
                setting=f"R{depth}, T={tasks}, {size} images, "
                f"'{row['backward']}'",
                reach=_REACH[row['backward']])
            settings.append(row)
            print(
                f'{row["setting"]}: {row["ratio"]:.3f} ({row["against"]}, '
                f'{row["peak"] / 2**20:.0f} MiB)',
                flush=True)
    worst = max(row['ratio'] for row in settings if row['backward'] == 'joint')
    report = dict(name='step_memory', ratio=worst, settings=settings)
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
