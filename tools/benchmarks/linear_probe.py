"""Time of a linear probe's sweep over lambda, against scikit-learn's.

    python tools/benchmarks/linear_probe.py --json
    python tools/benchmarks/linear_probe.py --device cuda --json

Nine lambdas, 2,000 images, 2,048 features, 100 classes. Both come within 1e-4
of the minimum, relative to it, measured in float64: scikit-learn gets, for
each lambda, the loosest tolerance that does, in float32 if that can. `ratio`
is its time over ours; `default_ratio` is that of its default tolerance, whose
distances to the minimum are in `default_gaps`. The search for the tolerances
is not timed and takes longer than the rounds.
"""
from argparse import Namespace
from collections.abc import Sequence
from functools import partial

from xlearner_mm.apis import run_tool
from xlearner_mm.testing.benchmarking import (bench_parser, compare, finish,
                                              interleave, prepare)
from xlearner_mm.testing.probe_comparison import ProbeComparison


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser("Time a probe's sweep against scikit-learn's")
    parser.add_argument('--images', type=int, default=2000)
    parser.add_argument('--features', type=int, default=2048)
    parser.add_argument('--classes', type=int, default=100)
    parser.set_defaults(repeats=2, warm_up=0)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    both = ProbeComparison(args.images, args.features, args.classes, device,
                           args.threads)
    solves = dict(
        ours=both.solve,
        exact=partial(both.solve_sklearn, both.settings),
        default=both.solve_sklearn)
    found: dict[str, tuple] = {}
    calls = {
        name: partial(lambda n, solve: found.update({n: solve()}), name, solve)
        for name, solve in solves.items()
    }
    laps = interleave(calls, args.repeats, args.warm_up, device)
    exact = compare(laps['exact'], laps['ours'])
    default = compare(laps['default'], laps['ours'])
    report = dict(
        name='linear_probe',
        against='scikit-learn, equally exact / ours',
        ratio=exact['ratio'],
        pairs=exact['pairs'],
        cpu_ratio=exact['cpu_ratio'],
        default_ratio=default['ratio'],
        gaps=both.gaps(*found['ours']),
        sklearn_gaps=both.gaps(*found['exact']),
        default_gaps=both.gaps(*found['default']),
        sklearn_settings=both.settings,
        seconds={
            name: [lap.wall for lap in values]
            for name, values in laps.items()
        })
    print(
        f'ratio {report["ratio"]:.2f} at equal accuracy '
        f'(gaps up to {max(report["gaps"]):.1e} and '
        f'{max(report["sklearn_gaps"]):.1e}), {report["default_ratio"]:.2f} '
        f'at its default tolerance (up to {max(report["default_gaps"]):.1e})')
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
