"""Verdicts, of a comparison and of a whole claim."""
from math import inf

import pytest

from xlearner_mm.systems.claims import CLAIMS
from xlearner_mm.systems.comparing import METRICS, Interval
from xlearner_mm.systems.judging import (BETTER, COMPARABLE, NOT_WORSE, Claim,
                                         Comparison, judge)
from xlearner_mm.systems.table import SYSTEMS

#: Table 3, ImageNet to Objects365: base setting, and with all added sources.
TABLE_3 = {
    'hard-sharing': (75.0, 75.3, 53.0, 35.5, 17.4),
    'hard-sharing-seg': (73.6, 73.6, 52.0, 34.9, 16.5),
    'xlearner': (77.3, 79.7, 54.4, 39.9, 22.2),
    'xlearner-seg': (76.9, 78.6, 54.6, 40.1, 22.1)
}


@pytest.mark.parametrize('kind, low, high, verdict', [
    (BETTER, 0.1, 3.0, 'agrees'),
    (BETTER, -0.1, 3.0, 'cannot tell'),
    (BETTER, -3.0, -0.1, 'disagrees'),
    (BETTER, 0.0, 0.0, 'cannot tell'),
    (NOT_WORSE, -0.9, 3.0, 'agrees'),
    (NOT_WORSE, -0.9, -0.1, 'agrees'),
    (NOT_WORSE, -1.1, -0.1, 'cannot tell'),
    (NOT_WORSE, -1.1, 3.0, 'cannot tell'),
    (NOT_WORSE, -3.0, -1.1, 'disagrees'),
    (COMPARABLE, -1.9, 1.9, 'agrees'),
    (COMPARABLE, -2.1, 1.9, 'cannot tell'),
    (COMPARABLE, -1.9, 2.1, 'cannot tell'),
    (COMPARABLE, -9.0, 9.0, 'cannot tell'),
    (COMPARABLE, -9.0, -2.1, 'disagrees'),
    (COMPARABLE, 2.1, 9.0, 'disagrees'),
    (BETTER, -inf, inf, 'cannot tell'),
    (NOT_WORSE, -inf, inf, 'cannot tell'),
    (COMPARABLE, -inf, inf, 'cannot tell'),
])
def test_verdict_says_where_the_whole_interval_lies(kind, low, high, verdict):
    assert kind.verdict(Interval(0.0, low, high, 2)) == verdict


def rows(**differences: tuple[float, float]) -> list[dict]:
    """Two seeds of 'xlearner' and 'must', different by so much."""
    return [
        dict(
            system=system,
            seed=seed,
            transfer={
                k: 30.0 + v[seed] * (system == 'xlearner')
                for k, v in differences.items()
            },
            source_metrics={}) for system in ('xlearner', 'must')
        for seed in (0, 1)
    ]


def claim(*metrics: str) -> Claim:
    """X-Learner is better than MuST in some metrics."""
    paper = {metric: (2.0, 1.0) for metric in metrics}
    return Claim('better', 'nowhere',
                 [Comparison('xlearner', BETTER, 'must', paper)])


@pytest.mark.parametrize('seg, verdict', [
    ((5.0, 5.1), 'agrees'),
    ((5.0, -5.0), 'cannot tell'),
    ((-5.0, -5.1), 'disagrees'),
])
def test_a_claim_agrees_only_if_all_metrics_do(seg, verdict):
    measured = rows(linear_probe=(5.0, 5.1), seg_mIoU=seg)
    found = judge(claim('linear_probe', 'seg_mIoU'), measured)
    assert found['verdict'] == verdict
    assert [p['verdict'] for p in found['parts']] == ['agrees', verdict]


def test_one_metric_that_disagrees_outweighs_one_that_cannot_tell():
    measured = rows(linear_probe=(5.0, -5.0), seg_mIoU=(-5.0, -5.1))
    assert judge(claim('linear_probe', 'seg_mIoU'),
                 measured)['verdict'] == 'disagrees'


def test_metrics_of_which_the_paper_says_nothing_do_not_count():
    measured = rows(linear_probe=(5.0, 5.1), seg_mIoU=(-5.0, -5.1))
    assert judge(claim('linear_probe'), measured)['verdict'] == 'agrees'


def test_one_seed_cannot_tell():
    measured = [r for r in rows(linear_probe=(5.0, 5.1)) if r['seed'] == 0]
    part, = judge(claim('linear_probe'), measured)['parts']
    assert part['verdict'] == 'cannot tell'
    assert (part['mean'], part['low'], part['high']) == (5.0, None, None)


def test_what_disagrees_decides_even_if_a_part_is_not_run():
    first = claim('linear_probe').comparisons[0]
    other = Comparison('xlearner_t', BETTER, 'must', first.paper)
    measured = rows(linear_probe=(-5.0, -5.1))
    found = judge(Claim('both', 'nowhere', [first, other]), measured)
    assert [p['verdict'] for p in found['parts']] == ['disagrees', 'not run']
    assert found['verdict'] == 'disagrees'
    assert judge(claim('linear_probe'), [])['verdict'] == 'not run'


@pytest.mark.parametrize('claim', CLAIMS, ids=lambda claim: claim.text)
def test_the_papers_own_numbers_agree_with_its_claims(claim):
    for comparison in claim.comparisons:
        assert {comparison.system, comparison.reference} <= set(SYSTEMS)
        assert comparison.paper and set(comparison.paper) <= set(METRICS)
        for first, second in comparison.paper.values():
            difference = first - second
            found = Interval(difference, difference, difference, 1)
            assert comparison.kind.verdict(found) == 'agrees'


def test_every_system_is_in_a_claim():
    named = {
        s
        for claim in CLAIMS
        for c in claim.comparisons
        for s in (c.system, c.reference)
    }
    assert named == set(SYSTEMS)


def test_upstream_numbers_are_the_means_of_table_3():
    added, = [c for c in CLAIMS if c.text.startswith('Added sources')]
    for comparison in added.comparisons:
        means = [
            sum(TABLE_3[s]) / 5
            for s in (comparison.system, comparison.reference)
        ]
        assert comparison.paper['upstream'] == pytest.approx(means, abs=0.05)
