"""A joint iteration in W processes, over one process with the same batch.

    python tools/benchmarks/parallel_step.py --json
    python tools/benchmarks/parallel_step.py --device cuda --processes 8 \
        --image-size 224 --batch-size 32 --json

Each process has a core, or a GPU, of its own, and the same batch size. One
alone and W together run in turn, several rounds of processes. `ratio` is the
efficiency of the computation: the median time of one alone over that of W
together without their all-reduce. The settings also tell that of the whole
step, and how often each gradient was reduced in it, which must be once.
"""
import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from statistics import median

from xlearner_mm.apis import run_tool
from xlearner_mm.errors import UserError
from xlearner_mm.testing.benchmarking import (bench_parser, finish, prepare,
                                              spread)
from xlearner_mm.testing.parallel_step import ParallelStep


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time a joint iteration in several processes')
    parser.add_argument('--depth', type=int, default=18)
    parser.add_argument('--tasks', type=int, default=2, choices=[2, 3, 4])
    parser.add_argument('--image-size', type=int, default=128)
    parser.add_argument(
        '--batch-size', type=int, default=8, help='per task and process')
    parser.add_argument('--processes', type=int, default=2, help='W')
    parser.add_argument(
        '--rounds', type=int, default=3, help='of processes, >= 2')
    parser.add_argument('--backward', help='of one process, which measures')
    parser.set_defaults(repeats=3, warm_up=1)
    return parser.parse_args(argv)


def launch(args: Namespace, backward: str, processes: int) -> dict:
    """Measure in processes of their own; return what the first prints."""
    launcher = [] if processes == 1 else [
        '-m', 'torch.distributed.run', '--standalone',
        f'--nproc-per-node={processes}'
    ]
    options = [
        f'--{name.replace("_", "-")}={getattr(args, name)}'
        for name in ('device', 'depth', 'tasks', 'image_size', 'batch_size',
                     'repeats', 'warm_up')
    ]
    done = subprocess.run([
        sys.executable, *launcher, __file__, *options, '--backward', backward
    ],
                          env=dict(os.environ, OMP_NUM_THREADS='1'),
                          capture_output=True,
                          text=True)
    if done.returncode:
        raise UserError(
            f'{processes} processes failed:\n{done.stderr[-2000:]}')
    return json.loads(done.stdout.splitlines()[-1])


def work(args: Namespace) -> None:
    """Measure in this process; the first of them prints."""
    step = ParallelStep(args.depth, args.tasks, args.image_size,
                        args.batch_size, args.backward, args.device)
    found = step.measure(args.repeats, args.warm_up)
    if step.rank == 0:
        print(json.dumps(found))


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    if args.backward:
        work(args)
        return
    device = prepare(args.device, 1)
    settings = []
    for backward in ('joint', 'per_task'):
        rounds = [(launch(args, backward,
                          1), launch(args, backward, args.processes))
                  for _ in range(args.rounds)]
        for part in ('compute', 'step'):
            ratios = [one['step'] / many[part] for one, many in rounds]
            row = dict(
                setting=f"W={args.processes}, '{backward}', {part}",
                ratio=median(ratios),
                pairs=spread(ratios),
                reduced=median(many['reduced'] for _, many in rounds))
            settings.append(row)
            print(
                f'{row["setting"]}: efficiency {row["ratio"]:.3f}, each '
                f'gradient reduced {row["reduced"]:g} times a step',
                flush=True)
    settings[0]['reach'] = settings[2]['reach'] = dict(min=0.9)
    report = dict(
        name='parallel_step',
        ratio=settings[0]['ratio'],
        against='one process alone / W together',
        settings=settings)
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
