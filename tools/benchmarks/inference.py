"""Time of a squeezed student's features, over a plain torchvision ResNet's.

    python tools/benchmarks/inference.py --json
    python tools/benchmarks/inference.py --device cuda --batch-size 64 --json

A student is exported to a file, which torchvision's, mmpretrain's and mmdet's
ResNet load. Each is timed in turn with a ResNet as torchvision builds it,
all without classifier. `ratio` is that of the one that is farthest from 1;
`parameters` are those of either side.
"""
from argparse import Namespace
from collections.abc import Sequence
from functools import partial

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, compare, describe,
                                              finish, interleave, prepare,
                                              seconds)
from xlearner_mm.testing.exported_student import PACKAGES, plain_and_students


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser("Time a student's features over torchvision's")
    parser.add_argument('--depth', type=int, default=50)
    parser.add_argument('--image-size', type=int, default=224)
    parser.add_argument('--batch-size', type=int, default=8)
    parser.set_defaults(repeats=40)
    return parser.parse_args(argv)


def measure(args: Namespace, device: torch.device) -> list[dict]:
    """Time all in turn; return a row for each package."""
    nets = plain_and_students(args.depth)
    x = torch.rand(args.batch_size, 3, args.image_size, args.image_size)
    calls = {
        name: partial(net.to(device), x.to(device))
        for name, net in nets.items()
    }
    with torch.no_grad():
        laps = interleave(calls, args.repeats, args.warm_up, device)
    sizes = {n: sum(p.numel() for p in net.parameters())
             for n, net in nets.items()}  # yapf: disable
    return [
        dict(
            setting=f'R{args.depth} in {name}',
            **compare(laps[name], laps['plain']),
            parameters=dict(student=sizes[name], plain=sizes['plain']),
            seconds=seconds(laps)) for name in PACKAGES
    ]


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    report = dict(
        name='inference',
        against='student / plain torchvision',
        reach=dict(min=0.98, max=1.02))
    rows = measure(args, device)
    for row in rows:
        print(describe({**report, **row}), flush=True)
    farthest = max((row['ratio'] for row in rows),
                   key=lambda ratio: abs(ratio - 1))
    finish(dict(report, ratio=farthest, settings=rows), args, device)


if __name__ == '__main__':
    run_tool(main)
