"""Differences of two systems over their common seeds."""
import math

import numpy as np
import pytest
from scipy import stats

from xlearner_mm.systems.comparing import Interval, compare, t_interval


def row(system: str, seed: int, probe: float, **sources: float) -> dict:
    """A row with one transfer and some sources."""
    return dict(
        system=system,
        seed=seed,
        transfer=dict(linear_probe=probe),
        source_metrics=sources)


def test_interval_is_that_of_the_paired_t_test():
    first, second = np.random.default_rng(0).normal(40, 2, (2, 5))
    expected = stats.ttest_rel(first, second).confidence_interval(0.9)
    rows = [row('xlearner', i, v) for i, v in enumerate(first)]
    rows += [row('simclr', i, v) for i, v in enumerate(second)]
    found = compare(rows, 'xlearner', 'simclr', 'linear_probe')
    assert found.mean == pytest.approx(np.mean(first - second))
    assert found[1:] == pytest.approx((expected.low, expected.high, 5))


def test_interval_covers_the_mean_as_often_as_it_says():
    draws = np.random.default_rng(1).normal(3.0, 2.0, (2000, 3))
    found = [t_interval(list(values)) for values in draws]
    covered = np.mean([f.low < 3.0 < f.high for f in found])
    assert covered == pytest.approx(0.9, abs=0.02)


def test_seeds_pair_by_their_number_whatever_the_order():
    rows = [
        row('simclr', 2, 30.0),
        row('xlearner', 7, 99.0),
        row('xlearner', 1, 43.0),
        row('simclr', 1, 41.0),
        row('xlearner', 2, 34.0),
        row('simclr', 8, 0.0)
    ]
    found = compare(rows, 'xlearner', 'simclr', 'linear_probe')
    assert (found.mean, found.num) == (3.0, 2)


def test_a_swap_turns_the_interval_round():
    rows = [
        row(s, i, 10.0 * i + 3 * i * (s == 'must'))
        for s in ('xlearner', 'must') for i in range(4)
    ]
    one = compare(rows, 'xlearner', 'must', 'linear_probe')
    other = compare(rows, 'must', 'xlearner', 'linear_probe')
    assert one == Interval(-other.mean, -other.high, -other.low, 4)


def test_one_seed_tells_the_difference_but_no_end():
    rows = [row('xlearner', 0, 43.0), row('must', 0, 41.5)]
    assert compare(rows, 'xlearner', 'must',
                   'linear_probe') == Interval(1.5, -math.inf, math.inf, 1)


def test_upstream_is_the_mean_over_the_sources_that_both_have():
    rows = [
        row('hard-sharing', 0, 0.0, shapes=50.0, parts=20.0, only_here=99.0),
        row('hard-sharing-seg', 0, 0.0, shapes=47.0, parts=19.0, layout=0.0)
    ]
    found = compare(rows, 'hard-sharing', 'hard-sharing-seg', 'upstream')
    assert found.mean == 2.0


@pytest.mark.parametrize(
    'rows', [
        [],
        [row('xlearner', 0, 1.0, shapes=1.0)],
        [
            row('xlearner', 0, 1.0, shapes=1.0),
            row('simclr', 1, 1.0, shapes=1.0)
        ],
        [row('xlearner', 0, 1.0, shapes=1.0),
         row('simclr', 0, 1.0)],
    ],
    ids=['empty', 'alone', 'other seed', 'no sources'])
def test_nothing_in_common_is_no_difference(rows):
    assert compare(rows, 'xlearner', 'simclr', 'upstream') is None
