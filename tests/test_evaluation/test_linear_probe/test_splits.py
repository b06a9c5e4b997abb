"""The splits a dataset does not come with."""
import numpy as np
import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.evaluation.linear_probe.splits import hold_out, per_class

SIZES = {0: 1, 1: 2, 2: 7, 5: 40, 9: 101}


@pytest.fixture
def labels() -> np.ndarray:
    """Five classes of 1 to 101 images with gaps in their numbers, mixed."""
    labels = np.repeat(list(SIZES), list(SIZES.values()))
    return np.random.RandomState(3).permutation(labels)


def assert_partition(parts, number):
    """Each part is sorted; together they are 0 ... number - 1, each once."""
    for part in parts:
        assert (np.diff(part) > 0).all()
    assert sorted(np.concatenate(parts)) == list(range(number))


@pytest.mark.parametrize('fraction', [0.2, 0.5, 0.999])
def test_hold_out_is_disjoint_complete_and_stratified(labels, fraction):
    train, val = hold_out(labels, fraction)
    assert_partition([train, val], len(labels))
    for label, size in SIZES.items():
        expected = min(round(fraction * size), size - 1)
        assert (labels[val] == label).sum() == expected
        assert (labels[train] == label).sum() == size - expected > 0


def test_per_class_is_disjoint_complete_and_balanced(labels):
    labels = labels[np.isin(labels, [5, 9])]
    train, test = per_class(labels)
    assert_partition([train, test], len(labels))
    for label in (5, 9):
        assert (labels[train] == label).sum() == 30
        assert (labels[test] == label).sum() == SIZES[label] - 30


def test_a_seed_fixes_the_draw(labels):
    for split in (hold_out, lambda y, seed: per_class(y, 1, seed)):
        many = labels[labels > 1]
        one, same, other = split(
            many, seed=4), split(
                many, seed=4), split(
                    many, seed=5)
        assert np.array_equal(one[1], same[1])
        assert not np.array_equal(one[1], other[1])


def test_the_draw_is_random_and_fixed_for_good():
    """Written out once, so that another NumPy would have to agree."""
    labels = np.repeat([0, 1], 10)
    assert hold_out(labels)[1].tolist() == [2, 8, 13, 15]
    assert per_class(labels, 3)[0].tolist() == [2, 4, 8, 11, 13, 15]


def test_other_values_of_the_labels_give_the_same_split(labels):
    assert np.array_equal(hold_out(labels)[1], hold_out(labels * 3 + 1)[1])


@pytest.mark.parametrize('fraction', [0, 1, -0.1, 1.5])
def test_hold_out_refuses_a_fraction_out_of_range(labels, fraction):
    with pytest.raises(UserError, match=f'val_fraction={fraction}'):
        hold_out(labels, fraction)


def test_hold_out_refuses_an_empty_validation():
    with pytest.raises(UserError, match='no class of the 4 images'):
        hold_out(np.array([0, 0, 1, 2]))


def test_per_class_names_the_class_that_is_too_small(labels):
    with pytest.raises(UserError, match='class 2 has 7 images.*at least 31'):
        per_class(labels[labels > 1])
    with pytest.raises(UserError, match='train_per_class=0'):
        per_class(labels, 0)
