"""The one pool of workers beside loaders that upstream would use."""
from collections.abc import Sequence
from functools import partial
from statistics import median
from time import perf_counter

from mmengine.dataset import InfiniteSampler, pseudo_collate
from torch.utils.data import DataLoader

from ..datasets import build_train_loader
from ..datasets.loading import init_worker
from .benchmarking import Lap, compare, seconds
from .processes import cpu_seconds

#: No run ends while it is measured; nothing of this size is ever stored.
_ENDLESS = 10**9


class LoaderComparison:
    """Time per iteration of three ways to load the same sources.

    - :meth:`pool`: ours, one loader of all sources.
    - :meth:`separate`: a plain upstream loader per source, all with the same
      number of workers.
    - :meth:`alone`: one source's plain loader with all W workers, nothing
      else running: the cost of the source, divided by W.

    Args:
        sources: N sources, see :func:`unequal_sources`.
        workers: W. The separate loaders cannot have less than one each: they
            have max(1, W // N), and their sum is what the pool they are
            compared with has too: `equal`.
        iterations: How many are timed.
    """

    def __init__(self, sources: Sequence[dict], workers: int,
                 iterations: int) -> None:
        self.sources = sources
        self.workers = workers
        self.each = max(1, workers // len(sources))
        self.equal = self.each * len(sources)
        self.iterations = iterations
        self.datasets = self._pool(0).dataset.datasets

    def pool(self, workers: int) -> Lap:
        """Measure ours with so many workers."""
        return self._in_turns(self._pool(workers))

    def separate(self) -> Lap:
        """Measure a loader per source."""
        loaders = [self._plain(source, self.each) for source in self.sources]
        return lap_per_iteration(loaders, 3 * self.each, self.iterations)

    def alone(self, source: dict) -> Lap:
        """Measure one source's loader."""
        return self._in_turns(self._plain(source, self.workers))

    def time(self, repeats: int, warm_up: int) -> dict:
        """Measure all in turn.

        Returns:
            'of_bound', the pool's throughput over that of loading the sources
            one after the other, each with all W workers;
            'over_separate', its throughput over that of separate loaders with
            as many workers; each as :func:`compare` gives it; 'seconds' per
            iteration of each, and 'images_per_second' of the pool.
        """
        calls = dict(
            pool=partial(self.pool, self.workers),
            equal_pool=partial(self.pool, self.equal),
            separate=self.separate,
            **{s['name']: partial(self.alone, s)
               for s in self.sources})
        laps: dict[str, list[Lap]] = {name: [] for name in calls}
        for _ in range(warm_up + repeats):
            for name, call in calls.items():
                laps[name].append(call())
        laps = {name: values[warm_up:] for name, values in laps.items()}
        bound = [
            Lap(sum(lap.wall for lap in costs), sum(lap.cpu for lap in costs))
            for costs in zip(*(laps[s['name']] for s in self.sources))
        ]
        images = sum(source['batch_size'] for source in self.sources)
        return dict(
            images_per_second=images / median(lap.wall
                                              for lap in laps['pool']),
            of_bound=compare(bound, laps['pool']),
            over_separate=compare(laps['separate'], laps['equal_pool']),
            seconds=seconds(laps))

    def _in_turns(self, loader: DataLoader) -> Lap:
        """Measure one loader; its workers finish in turns, timed as wholes."""
        workers = loader.num_workers
        turns = -(-self.iterations // workers)
        return lap_per_iteration([loader], 2 * workers, turns * workers)

    def _pool(self, workers: int) -> DataLoader:
        return build_train_loader(self.sources, _ENDLESS, workers)

    def _plain(self, source: dict, workers: int) -> DataLoader:
        dataset = self.datasets[source['name']]
        return DataLoader(
            dataset,
            batch_size=source['batch_size'],
            sampler=InfiniteSampler(dataset),
            collate_fn=pseudo_collate,
            num_workers=workers,
            worker_init_fn=init_worker)


def lap_per_iteration(loaders: Sequence[DataLoader], warm_up: int,
                      iterations: int) -> Lap:
    """Time taking one batch of every loader, in the steady state.

    Args:
        loaders: With worker processes, which start here and end here.
        warm_up: Iterations before the timed ones; the first has to wait until
            the workers are there.
        iterations: The timed ones, >= 1.

    Returns:
        Seconds per iteration, and processor time of all processes.
    """
    iterators = [iter(loader) for loader in loaders]
    for _ in range(warm_up):
        for iterator in iterators:
            next(iterator)
    start = Lap(perf_counter(), cpu_seconds())
    for _ in range(iterations):
        for iterator in iterators:
            next(iterator)
    return Lap((perf_counter() - start.wall) / iterations,
               (cpu_seconds() - start.cpu) / iterations)
