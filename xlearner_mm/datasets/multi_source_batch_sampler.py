"""Which samples make up the batch of an iteration."""
from collections.abc import Iterator, Sequence

from mmengine.dist import get_dist_info
from torch.utils.data import Sampler

from ..registry import DATA_SAMPLERS
from ..sources import Source, parse_sources
from .multi_source_dataset import Draw


@DATA_SAMPLERS.register_module()
class MultiSourceBatchSampler(Sampler):
    """Yield the draws of one iteration after the other, every source in each.

    The global batch is a function of the iteration, and the ranks slice it:
    iteration k of a source with batch b on W ranks draws the numbers
    k b W ... (k + 1) b W - 1, of which rank r takes b in a row. Nothing is
    replayed on resume: `start` is where it goes on.

    Args:
        sources: The sources, with their batch sizes per rank.
        max_iters: K, where to stop.
        rank: r; by default this process's.
        world_size: W; by default that of the process group.
    """

    # MMEngine's DistSamplerSeedHook reads this attribute of batch samplers.
    sampler = None

    def __init__(self,
                 sources: Sequence[dict | Source],
                 max_iters: int,
                 rank: int | None = None,
                 world_size: int | None = None) -> None:
        here, world = get_dist_info()
        self.sources = parse_sources(sources)
        self.max_iters = max_iters
        self.rank = here if rank is None else rank
        self.world_size = world if world_size is None else world_size
        self.start = 0

    def __len__(self) -> int:
        """Return K, so that logs count iterations of the whole run."""
        return self.max_iters

    def __iter__(self) -> Iterator[list[Draw]]:
        """Yield the draws of this rank, from iteration `start` to K."""
        for iteration in range(self.start, self.max_iters):
            yield self.draws(iteration)

    def draws(self, iteration: int) -> list[Draw]:
        """Return this rank's draws of an iteration, source by source."""
        draws = []
        for source in self.sources:
            first = source.batch_size * (
                iteration * self.world_size + self.rank)
            draws.extend(
                Draw(source.name, first + j) for j in range(source.batch_size))
        return draws
