"""All sources of a run behind one random-access dataset."""
from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

from torch.utils.data import Dataset

from ..errors import UserError
from ..randomness import permuted_index, sample_randomness, stable_hash
from ..registry import DATASETS
from ..sources import Source, parse_sources
from .building import build_dataset
from .source_checks import (check_labels, describe_sample, forbid_memory,
                            keep_below_roots)

_POLICIES = ('raise', 'skip')
_MAX_SKIPS = 10


class Draw(NamedTuple):
    """The number-th sample drawn from a source, counted from the start."""

    source: str
    number: int


@DATASETS.register_module()
class MultiSourceDataset(Dataset):
    """One dataset that holds the training set of every source.

    Its index is a :class:`Draw`. Which sample a draw is, and what its
    augmentation does, are functions of (seed, source, number): draw d of a
    source with n samples is entry d mod n of the source's permutation number
    d div n.

    Args:
        sources: Configs of the sources, see :class:`Source`.
        on_error: 'raise' stops at a sample that cannot be loaded; 'skip'
            draws another one in its place and reports it.
        seed: Seed of the run; the training loop sets it.

    Raises:
        UserError: A dataset cannot be built, is empty, or remembers other
            samples.
    """

    def __init__(self,
                 sources: Sequence[dict | Source],
                 on_error: str = 'raise',
                 seed: int = 0) -> None:
        if on_error not in _POLICIES:
            raise UserError(f'on_error={on_error!r}; choose from {_POLICIES}')
        self.sources = parse_sources(sources)
        self.on_error = on_error
        self.seed = seed
        self.datasets = {}
        self._metainfo = {}  # a dataset copies its own at every request
        for source in self.sources:
            forbid_memory(source)
            dataset = build_dataset(source, source.train, 'train dataset')
            keep_below_roots(dataset)
            if len(dataset) == 0:
                raise UserError(
                    f"source '{source.name}': its train dataset is empty; "
                    'check data_root, ann_file and the class names')
            self.datasets[source.name] = dataset
            self._metainfo[source.name] = dict(dataset.metainfo)

    def __len__(self) -> int:
        """Return the number of images of all sources."""
        return sum(len(dataset) for dataset in self.datasets.values())

    @property
    def metainfo(self) -> dict[str, dict]:
        """Return every source's meta information."""
        return deepcopy(self._metainfo)

    def index_of(self, draw: Draw, attempt: int = 0) -> int:
        """Return which sample a draw is.

        Args:
            draw: The draw.
            attempt: How many samples were skipped in its place.
        """
        size = len(self.datasets[draw.source])
        epoch, position = divmod(draw.number, size)
        if attempt:
            return stable_hash(self.seed, *draw, attempt) % size
        return permuted_index(position, size,
                              stable_hash(self.seed, draw.source, epoch))

    def __getitem__(self, draw: Draw) -> dict:
        """Load one sample.

        Returns:
            `{'source': name, 'sample': what the source's pipeline gives,
            'skipped': [message, ...]}`.

        Raises:
            UserError: The sample cannot be loaded and `on_error` is 'raise',
                or ten in a row cannot be.
        """
        skipped: list[str] = []
        with sample_randomness(stable_hash('sample', self.seed, *draw)):
            while True:
                index = self.index_of(draw, len(skipped))
                try:
                    sample = self.datasets[draw.source][index]
                    check_labels(sample, self._metainfo[draw.source])
                    return dict(
                        source=draw.source, sample=sample, skipped=skipped)
                except Exception as error:  # whatever a pipeline may raise
                    skipped.append(
                        describe_sample(draw.source, self.datasets[
                            draw.source], index) + f': {error}')
                    if self.on_error == 'raise' or len(skipped) == _MAX_SKIPS:
                        raise UserError(
                            f'{skipped[-1]}. Mend or remove the file, or set '
                            "train_dataloader.on_error='skip'") from error
