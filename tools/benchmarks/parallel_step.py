"""A joint iteration in W processes, over one process with the same batch.

    python tools/benchmarks/parallel_step.py --json
    python tools/benchmarks/parallel_step.py --device cuda --processes 8 \
        --image-size 224 --batch-size 32 --json

Each process has a core, or a GPU, of its own, and the same batch size. One
alone and W together run in turn, several rounds of processes. `ratio` is the
efficiency of the computation: the median time of one alone over that of W
together without their all-reduce. The settings also tell that of the whole
step, and how often each gradient was reduced in it, which must be once. Under
ShardedDataParallel ('sharded') weights are gathered and gradients scattered
amid the step, so that there is no computation by itself; `held` is the share
of the parameters that a process holds.
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

#: What is measured of each way to train: its computation, its whole step.
WAYS = dict(
    joint=('compute', 'step'),
    per_task=('compute', 'step'),
    sharded=('step', ))


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
    parser.add_argument('--way', help='of one process, which measures')
    parser.set_defaults(repeats=3, warm_up=1)
    return parser.parse_args(argv)


def launch(args: Namespace, way: str, processes: int) -> dict:
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
    done = subprocess.run(
        [sys.executable, *launcher, __file__, *options, '--way', way],
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
                        args.batch_size, args.way, args.device)
    found = step.measure(args.repeats, args.warm_up)
    if step.rank == 0:
        print(json.dumps(found))


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    if args.way:
        work(args)
        return
    device = prepare(args.device, 1)
    settings = []
    for way, parts in WAYS.items():
        rounds = [(launch(args, way, 1), launch(args, way, args.processes))
                  for _ in range(args.rounds)]
        for part in parts:
            ratios = [one['step'] / many[part] for one, many in rounds]
            row = dict(
                setting=f"W={args.processes}, '{way}', {part}",
                ratio=median(ratios),
                pairs=spread(ratios),
                reduced=median(many['reduced'] for _, many in rounds),
                held=rounds[0][1]['held'] / rounds[0][0]['held'])
            settings.append(row)
            print(
                f'{row["setting"]}: efficiency {row["ratio"]:.3f}, DDP '
                f'reduced each gradient {row["reduced"]:g} times a step, '
                f'{row["held"]:.2f} of the parameters held',
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
