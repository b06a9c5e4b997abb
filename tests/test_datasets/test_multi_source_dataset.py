"""What is drawn is a function of seed, source and number."""
import random
import tracemalloc
from collections import Counter
from copy import deepcopy

import numpy as np
import pytest
import torch

from xlearner_mm.datasets import (Draw, MultiSourceBatchSampler,
                                  MultiSourceDataset, build_train_loader)
from xlearner_mm.errors import UserError
from xlearner_mm.randomness import (permuted_index, sample_randomness,
                                    stable_hash)
from xlearner_mm.testing.runs import differences

SIZES = dict(animals=7, things=5, stuff=5)


def epoch(dataset, source: str, number: int) -> list[int]:
    """Return the indices of one epoch of a source."""
    n = SIZES[source]
    return [
        dataset.index_of(Draw(source, d))
        for d in range(number * n, (number + 1) * n)
    ]


def pixels(batches) -> list[dict]:
    """Return what models read of the batches."""
    return [{
        name: [part['inputs'], [s.to_dict() for s in part['data_samples']]]
        for name, part in batch.items()
    } for batch in batches]


@pytest.mark.parametrize('source', SIZES)
def test_every_image_once_per_epoch(sources, source):
    dataset = MultiSourceDataset(sources)
    for number in range(4):
        assert sorted(epoch(dataset, source,
                            number)) == list(range(SIZES[source]))


@pytest.mark.parametrize('size', [1, 2, 3, 5, 64, 1000, 1025])
def test_permutations_hold_every_entry_once(size):
    for key in (0, 1, 2**64 - 1):
        got = [permuted_index(i, size, key) for i in range(size)]
        assert sorted(got) == list(range(size))


def test_permutations_are_spread_evenly():
    counts = Counter(permuted_index(0, 10, stable_hash(k))
                     for k in range(5000))  # yapf: disable
    assert all(abs(counts[i] - 500) < 100 for i in range(10))  # 4.7 sigma


def test_permutations_differ_by_epoch_source_and_seed(sources):
    plants = dict(sources[0], name='plants')
    datasets = [
        MultiSourceDataset([sources[0], plants], seed=seed) for seed in (0, 1)
    ]
    drawn = [
        tuple(
            dataset.index_of(Draw(source, d)) for d in range(first, first + 7))
        for dataset in datasets for source in ('animals', 'plants')
        for first in (0, 7, 14)
    ]
    assert len(set(drawn)) == len(drawn) == 12


def test_draws_do_not_depend_on_the_other_sources(sources):
    alone = MultiSourceDataset(sources[2:])
    assert epoch(alone, 'stuff',
                 1) == epoch(MultiSourceDataset(sources), 'stuff', 1)


@pytest.mark.parametrize('workers', [1, 2])
def test_workers_change_no_bit_of_a_batch(sources, workers):
    batches = [
        pixels(build_train_loader(sources, 5, num_workers=n))
        for n in (0, workers)
    ]
    assert not list(differences(*batches))


def test_augmentation_differs_by_epoch(sources):
    dataset = MultiSourceDataset(sources[:1])
    index = dataset.index_of(Draw('animals', 0))
    again = 7 + epoch(dataset, 'animals', 1).index(index)
    one, two = (dataset[Draw('animals', d)]['sample'] for d in (0, again))
    assert one['data_samples'].img_path == two['data_samples'].img_path
    assert not torch.equal(one['inputs'], two['inputs'])


@pytest.mark.parametrize('world_size', [2, 3])
def test_ranks_slice_the_global_batch(sources, world_size):
    for source in sources:
        source['batch_size'] = 6 // world_size
    ranks = [MultiSourceBatchSampler(sources, 9, r, world_size)
             for r in range(world_size)]  # yapf: disable
    for source in sources:
        source['batch_size'] = 6
    whole = MultiSourceBatchSampler(sources, 9, 0, 1)
    for k in (0, 4, 8):
        parts = [d for rank in ranks for d in rank.draws(k)]
        assert Counter(parts) == Counter(whole.draws(k))
        assert len(set(parts)) == 18


def test_every_source_is_in_every_iteration_in_order(sources):
    for batch in build_train_loader(sources, 3):
        assert {
            n: len(part['inputs'])
            for n, part in batch.items()
        } == dict(
            animals=3, things=2, stuff=2)
        assert list(batch) == list(SIZES)


def test_a_late_start_replays_nothing(sources):
    loader = build_train_loader(sources, max_iters=100_002)
    loaded = []
    for name, dataset in loader.dataset.datasets.items():
        dataset.pipeline.transforms.insert(
            0, lambda info: loaded.append(info['img_path']) or info)
    loader.batch_sampler.start = 100_000
    batches = list(loader)
    assert len(batches) == 2 and len(loaded) == 2 * (3 + 2 + 2)
    paths = [
        s.img_path for batch in batches for part in batch.values()
        for s in part['data_samples']
    ]
    expected = [
        loader.dataset.datasets[draw.source].get_data_info(
            loader.dataset.index_of(draw))['img_path']
        for k in (100_000, 100_001) for draw in loader.batch_sampler.draws(k)
    ]
    assert paths == loaded == expected


def first_draws(dataset, sampler) -> list[int]:
    """Find the images of the iteration that a sampler starts with."""
    return [dataset.index_of(draw) for draw in next(iter(sampler))]


def test_a_start_takes_as_much_memory_for_any_number_of_images(sources):
    dataset = MultiSourceDataset(sources)
    sampler = MultiSourceBatchSampler(sources, max_iters=10**9)
    sampler.start = 10**8
    peaks = []
    for size in (10**4, 10**6, 10**8):
        dataset.datasets.update({name: range(size) for name in SIZES})
        first_draws(dataset, sampler)  # interpreters cache on the first call
        tracemalloc.start()
        drawn = first_draws(dataset, sampler)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert max(drawn) < size
    assert max(peaks) < 16_000  # bytes; an index of 10**4 takes 80,000
    assert max(peaks) < min(peaks) + 500


def states() -> list:
    """Return the states of the three global generators."""
    return [random.getstate(), np.random.get_state()[1].tolist(),
            torch.get_rng_state()]  # yapf: disable


@pytest.mark.parametrize('workers', [0, 2])
def test_loading_leaves_the_global_generators_alone(sources, workers):
    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    before = deepcopy(states())
    list(build_train_loader(sources, 2, num_workers=workers))
    assert not list(differences(before, states()))


def test_global_generators_are_restored_after_an_error():
    before = deepcopy(states())
    with pytest.raises(OSError), sample_randomness(5):
        random.random(), np.random.rand(), torch.rand(())
        raise OSError
    assert not list(differences(before, states()))


def test_hashes_are_the_same_in_every_version():
    assert stable_hash('sample', 0, 'coco', 7) == 2223052717872213902


@pytest.mark.parametrize('kwargs', [dict(shuffle=True), dict(batch_size=2)])
def test_options_that_belong_to_sources_are_refused(sources, kwargs):
    with pytest.raises(UserError, match=next(iter(kwargs))):
        build_train_loader(sources, 1, **kwargs)
