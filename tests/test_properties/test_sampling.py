"""What is drawn, for any number of sources, sizes, ranks and resumes."""
from collections import Counter

import torch
from hypothesis import given
from hypothesis import strategies as st
from mmengine.registry import DATASETS
from torch.utils.data import Dataset

from xlearner_mm.datasets import (MultiSourceBatchSampler, MultiSourceDataset,
                                  build_train_loader, multi_source_collate)
from xlearner_mm.testing.runs import differences


@DATASETS.register_module()
class CountedImages(Dataset):
    """So many images, each of which is its own number."""

    metainfo: dict = {}

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict:
        return dict(inputs=torch.tensor(index), noise=torch.rand(()))


def source(number: int, length: int, batch_size: int) -> dict:
    """Return a source of `length` images."""
    return dict(
        name=f'source_{number}',
        task='any',
        scope='mmengine',
        batch_size=batch_size,
        train=dict(type='CountedImages', length=length))


SOURCES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(1, 5)), min_size=1,
    max_size=5).map(lambda found: [source(n, *x) for n, x in enumerate(found)])
WORLD = st.integers(1, 4)
SEED = st.integers(0, 2**32)


def global_batches(sources, iterations, world_size) -> list[Counter]:
    """Return what all ranks draw, iteration by iteration."""
    ranks = [
        list(MultiSourceBatchSampler(sources, iterations, rank, world_size))
        for rank in range(world_size)
    ]
    return [Counter(d for draws in batch for d in draws)
            for batch in zip(*ranks)]  # yapf: disable


@given(SOURCES, WORLD, st.integers(1, 6))
def test_ranks_draw_consecutive_numbers_each_once(sources, world, iterations):
    for k, batch in enumerate(global_batches(sources, iterations, world)):
        assert batch == Counter(
            (s['name'], d) for s in sources
            for d in range(k * world * s['batch_size'], (k + 1) * world *
                           s['batch_size']))


@given(SOURCES, WORLD, SEED, st.integers(1, 3))
def test_each_epoch_of_each_source_is_a_permutation(sources, world, seed,
                                                    epochs):
    dataset = MultiSourceDataset(sources, seed=seed)
    for s in sources:
        size = s['train']['length']
        due = epochs * size
        iterations = -(-due // (world * s['batch_size']))
        draws = sorted(d for batch in global_batches([s], iterations, world)
                       for d in batch)  # yapf: disable
        found = [dataset.index_of(draw) for draw in draws[:due]]
        for first in range(0, due, size):
            assert sorted(found[first:first + size]) == list(range(size))


@given(SOURCES, st.integers(0, 9), st.integers(0, 9))
def test_a_start_equals_skipping(sources, start, iterations):
    whole = MultiSourceBatchSampler(sources, iterations)
    resumed = MultiSourceBatchSampler(sources, iterations)
    resumed.start = start
    assert list(resumed) == list(whole)[start:]


@given(SOURCES, st.sampled_from([(1, 2), (2, 1), (4, 2), (3, 1), (2, 4)]),
       st.integers(0, 5))
def test_other_ranks_with_the_same_total_batch_go_on_alike(
        sources, worlds, start):
    before, after = (
        global_batches([
            dict(s, batch_size=s['batch_size'] * 12 // world) for s in sources
        ], 6, world) for world in worlds)
    assert after[start:] == before[start:]


@given(SOURCES, SEED, st.integers(0, 5))
def test_a_resumed_loader_gives_the_rest_of_the_batches(sources, seed, start):
    loaders = [build_train_loader(sources, 6) for _ in range(2)]
    for loader in loaders:
        loader.dataset.seed = seed
    loaders[1].batch_sampler.start = start
    assert not list(differences(list(loaders[1]), list(loaders[0])[start:]))


@given(st.lists(st.tuples(st.sampled_from('abc'), st.lists(st.text())),
                min_size=1, max_size=12))  # yapf: disable
def test_collate_loses_nothing_and_keeps_the_order(found):
    items = [
        dict(source=name, sample=dict(inputs=torch.tensor(i)), skipped=texts)
        for i, (name, texts) in enumerate(found)
    ]
    batch = multi_source_collate(items)
    assert list(batch) == list(dict.fromkeys(name for name, _ in found))
    for name, part in batch.items():
        numbers = [i for i, (n, _) in enumerate(found) if n == name]
        assert [int(x) for x in part['inputs']] == numbers
        assert part['skipped'] == [t for i in numbers for t in found[i][1]]
