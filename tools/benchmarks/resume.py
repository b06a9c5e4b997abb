"""Time to resume a run at iteration 100,000, over that at iteration 100.

    python tools/benchmarks/resume.py --json

From building the runner to the end of the first iteration, in turn in one
process, with tiny sources and the hooks of every config. The checkpoints are
as long as those of real runs: their logged histories have the length that
they would have.
"""
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, compare, finish,
                                              interleave, prepare, seconds)
from xlearner_mm.testing.late_runs import (checkpoint_at, long_run,
                                           many_sources, resume)


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser('Time resuming early and late')
    parser.add_argument(
        '--iterations', type=int, nargs=2, default=[100, 100_000])
    parser.add_argument('--sources', type=int, default=6, help='N')
    parser.add_argument('--workers', type=int, default=2, help='W')
    parser.set_defaults(repeats=5, warm_up=1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    with TemporaryDirectory() as folder:
        sources = many_sources(Path(folder), args.sources)
        cfg = long_run(sources, Path(folder, 'run'), args.workers)
        files = {k: checkpoint_at(cfg, k) for k in args.iterations}
        size = {k: file.stat().st_size for k, file in files.items()}
        calls = {
            name: partial(resume, cfg, files[k], k + 1)
            for name, k in zip(('early', 'late'), args.iterations)
        }
        laps = interleave(calls, args.repeats, args.warm_up, device)
    report = dict(
        name='resume',
        against='resumed at {1} / at {0}'.format(*args.iterations),
        reach=dict(max=1.05),
        **compare(laps['late'], laps['early']),
        seconds=seconds(laps),
        bytes=size)
    pairs = report['pairs']
    print(f'ratio {report["ratio"]:.3f} (pairs {pairs["q1"]:.3f}-'
          f'{pairs["q3"]:.3f}), checkpoints of {size} bytes')
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
