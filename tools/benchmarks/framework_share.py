"""Share of an iteration that is neither model nor pipeline.

    python tools/benchmarks/framework_share.py --json

A real run with N tiny sources and the hooks and logs of every config, from
iteration 0 and from iteration 100,000. Tiny models and images are the hardest
case: an iteration is as short as it gets. What the loader adds to upstream's
datasets counts as pipeline; tools/benchmarks/dataloader.py measures it.

`ratio` is the larger share, median of the windows, and includes a thousandth
of writing a checkpoint (the interval of every config). `parts` are the shares
of each part, see xlearner_mm/testing/iteration_parts.py.
"""
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, finish, prepare,
                                              spread)
from xlearner_mm.testing.iteration_parts import WORK, PartsHook
from xlearner_mm.testing.late_runs import checkpoint_at, long_run, many_sources
from xlearner_mm.testing.runs import build_runner

_CHECKPOINT_INTERVAL = 1000  # configs/_base_/default_runtime.py


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser("Measure the framework's share of an iteration")
    parser.add_argument('--sources', type=int, default=12, help='N')
    parser.add_argument('--start', type=int, nargs='+', default=[0, 100_000])
    parser.add_argument('--workers', type=int, default=2, help='W')
    parser.add_argument(
        '--window', type=int, default=30, help='iterations of a round')
    parser.set_defaults(repeats=2, warm_up=1)
    return parser.parse_args(argv)


def measure(cfg: dict, args: Namespace, device: torch.device) -> dict:
    """Train for some windows; return their shares and parts."""
    runner = build_runner(cfg)
    hook = PartsHook(device, args.window, args.repeats, args.warm_up)
    runner.register_hook(hook)
    runner.train()
    begin = perf_counter()
    runner.save_checkpoint(runner.work_dir, 'timed.pth')
    saving = (perf_counter() - begin) / _CHECKPOINT_INTERVAL * args.window
    shares, parts = [], {}
    for found in hook.windows:
        whole = sum(found.values()) + saving
        shares.append(1 - sum(found[name] for name in WORK) / whole)
        for name, seconds in dict(found, checkpoint=saving).items():
            parts[name] = parts.get(name, 0) + seconds / whole / args.repeats
    seconds = [sum(f.values()) / args.window for f in hook.windows]
    return dict(
        ratio=median(shares),
        pairs=spread(shares),
        parts=dict(sorted(parts.items(), key=lambda item: -item[1])),
        seconds_per_iteration=spread(seconds))


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    settings = []
    with TemporaryDirectory() as folder:
        sources = many_sources(Path(folder), args.sources)
        for start in args.start:
            cfg = long_run(sources, Path(folder, f'run_{start}'), args.workers)
            if start:
                file = checkpoint_at(cfg, start)
                cfg = dict(cfg, load_from=str(file), resume=True)
            row = dict(
                setting=f'N={args.sources}, from iteration {start}',
                **measure(cfg, args, device))
            settings.append(row)
            listed = ', '.join(f'{name} {share:.2%}'
                               for name, share in row['parts'].items())
            print(
                f'{row["setting"]}: {row["ratio"]:.2%} of '
                f'{row["seconds_per_iteration"]["median"]:.3f} s: {listed}',
                flush=True)
    report = dict(
        name='framework_share',
        ratio=max(row['ratio'] for row in settings),
        against='framework / iteration',
        reach=dict(max=0.03),
        settings=settings)
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
