"""Time and memory of an iteration under each option, over the plain one.

    python tools/benchmarks/options.py --json
    python tools/benchmarks/options.py --option compile --json
    python tools/benchmarks/options.py --device cuda --image-size 224 \
        --batch-size 32 --repeats 30 --json

The options (xlearner_mm/testing/step_options.py) are those of a config:
mixed precision, channels last, a backward pass for each task, activation
checkpointing, gradient accumulation, averaged weights and torch.compile, of a
joint iteration and, where they matter there, of a squeeze; T = 2. All in turn
in one process. No row has a reach: the numbers say what an option is worth
on the machine. `ratio` is the largest in time.

Memory is what an iteration adds at its peak, so the copy of the weights that
averaging keeps is not in it. 'first' is the first lap's time, with compiling,
over the plain one's.
"""
import os
from argparse import Namespace
from collections.abc import Sequence
from tempfile import TemporaryDirectory

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, compare, finish,
                                              interleave, prepare, seconds)
from xlearner_mm.testing.memory_use import memory_use
from xlearner_mm.testing.step_options import OPTIONS, steps

_NAMES = sorted({name for options in OPTIONS.values() for name in options})


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time an iteration under each option')
    parser.add_argument('--depth', type=int, nargs='+', default=[18, 50])
    parser.add_argument(
        '--stage', nargs='+', choices=list(OPTIONS), default=list(OPTIONS))
    parser.add_argument(
        '--option',
        nargs='+',
        choices=_NAMES,
        default=[name for name in _NAMES if name != 'compile'],
        help='which; all but compile, which takes minutes to begin')
    parser.add_argument('--image-size', type=int, default=128)
    parser.add_argument(
        '--batch-size', type=int, default=4, help='images per source')
    parser.set_defaults(repeats=3, warm_up=1)
    return parser.parse_args(argv)


def measure(stage: str, depth: int, args: Namespace,
            device: torch.device) -> list[dict]:
    """Time one stage; return its rows, two or three for each option."""
    calls = steps(stage, depth, args.image_size, args.batch_size, args.option,
                  device)
    if len(calls) == 1:  # these options are the other stage's
        return []
    first = interleave(calls, 1, 0, device)
    laps = interleave(calls, args.repeats, args.warm_up, device)
    peaks = {name: memory_use(call, device)[0] for name, call in calls.items()}
    rows = []
    for name in list(calls)[1:]:
        ratios = {
            'time': compare(laps[name], laps['plain']),
            'peak memory': dict(ratio=peaks[name] / peaks['plain'])
        }
        if name == 'compile':
            ratios['first'] = dict(ratio=first[name][0].wall /
                                   first['plain'][0].wall)
        rows += [
            dict(
                setting=f'{stage}, R{depth}, {name}',
                against=f'{what}, option / plain',
                **found) for what, found in ratios.items()
        ]
    for row in rows:
        print(
            f'{row["setting"]}: {row["against"]}: {row["ratio"]:.3f}',
            flush=True)
    rows[0].update(
        seconds=seconds(laps),
        peaks=peaks,
        first={
            name: lap[0].wall
            for name, lap in first.items()
        })
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    with TemporaryDirectory() as folder:  # nothing is compiled already
        os.environ['TORCHINDUCTOR_CACHE_DIR'] = folder
        rows = [
            row for stage in args.stage for depth in args.depth
            for row in measure(stage, depth, args, device)
        ]
    slowest = max(row['ratio'] for row in rows if 'time' in row['against'])
    finish(dict(name='options', ratio=slowest, settings=rows), args, device)


if __name__ == '__main__':
    run_tool(main)
