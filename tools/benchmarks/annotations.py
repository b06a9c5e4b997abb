"""Memory of the workers, and the sampler's start, at a million images.

    python tools/benchmarks/annotations.py --json

Generated lists of annotations, read by upstream's dataset and kept as
MMEngine keeps them: serialised, in one array that workers share with the
process that started them. `ratio` is the memory that a worker has for itself
at the larger number of images over that at the smaller one; `growth` puts the
difference in copies of the annotations, of all sources together: 1 would be a
copy per worker.

`sampler` is what the first iteration's draws and their images cost, in
seconds and in bytes at the peak: no permutation of the images is stored.
"""
import tracemalloc
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from torch.utils.data import DataLoader

from xlearner_mm.apis import run_tool
from xlearner_mm.datasets import build_train_loader
from xlearner_mm.testing.annotation_lists import (annotation_bytes,
                                                  bytes_per_worker,
                                                  listed_sources)
from xlearner_mm.testing.benchmarking import (bench_parser, finish, interleave,
                                              prepare, spread)

_ENDLESS = 10**9  # iterations
_STARTS = 100  # in a lap: one is too short


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = bench_parser("Measure the workers' memory and the sampler")
    parser.add_argument(
        '--images', type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument('--sources', type=int, default=4, help='N')
    parser.add_argument('--workers', type=int, default=2, help='W')
    parser.add_argument(
        '--iterations', type=int, default=50, help='before memory is read')
    parser.set_defaults(repeats=3, warm_up=0)
    return parser.parse_args(argv)


def start_sampler(loader: DataLoader, times: int = 1) -> None:
    """Find the images of a run's first iteration, each time of a new seed."""
    for _ in range(times):
        loader.dataset.seed += 1
        for draw in next(iter(loader.batch_sampler)):
            loader.dataset.index_of(draw)


def peak_bytes(call: Callable[[], object]) -> int:
    """Return what Python allocates at the peak of a call."""
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    device = prepare(args.device, args.threads)
    few, many = args.images
    with TemporaryDirectory() as folder:
        loaders = {
            n:
            build_train_loader(
                listed_sources(Path(folder, str(n)), args.sources, n),
                _ENDLESS, args.workers)
            for n in args.images
        }
        private: dict[int, list[float]] = {n: [] for n in loaders}
        for _ in range(args.repeats):
            for n, loader in loaders.items():
                private[n].append(bytes_per_worker(loader, args.iterations))
    starts = {n: partial(start_sampler, loaders[n], _STARTS) for n in loaders}
    laps = interleave(starts, args.repeats, 1, device)
    annotations = {n: annotation_bytes(loaders[n]) for n in loaders}
    each = {n: median(values) for n, values in private.items()}
    report = dict(
        name='annotations',
        against=f'memory of a worker, {many} / {few} images',
        ratio=each[many] / each[few],
        reach=dict(max=1.05),
        growth=(each[many] - each[few]) /
        (annotations[many] - annotations[few]),
        bytes_per_worker={
            n: spread(v)
            for n, v in private.items()
        },
        annotations=annotations,
        sampler={
            n:
            dict(
                seconds=spread(lap.wall / _STARTS for lap in laps[n]),
                bytes=peak_bytes(partial(start_sampler, loaders[n])))
            for n in loaders
        },
    )
    print(f'a worker has {each[few] / 2**20:.1f} MiB for itself at {few} '
          f'images and {each[many] / 2**20:.1f} at {many}, which is '
          f'{report["growth"]:.3f} copies of the annotations')
    finish(report, args, device)


if __name__ == '__main__':
    run_tool(main)
