"""What the paper claims, and whether measurements agree.

A claim is one or several comparisons of two systems, each of the metrics for
which the paper gives numbers. Ours: the mean difference over seeds shall lie
in a region, and its interval says whether it does.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import NamedTuple

from .comparing import Interval, compare

#: Verdicts, the one that decides over a whole claim first.
VERDICTS = ('disagrees', 'not run', 'cannot tell', 'agrees')


class Kind(NamedTuple):
    """Where a difference has to lie.

    Args:
        words: Between the names of the two systems.
        low: Lower end of the region, in points of percent.
        high: Upper end.
    """

    words: str
    low: float
    high: float

    def verdict(self, found: Interval | None) -> str:
        """Judge a difference.

        Args:
            found: The difference; None if it was not measured.

        Returns:
            'agrees' if the whole interval lies in the region, 'disagrees' if
            all of it lies outside, 'cannot tell' if it crosses an end, as
            that of one seed always does, and 'not run'.
        """
        if found is None:
            return 'not run'
        if self.low < found.low and found.high < self.high:
            return 'agrees'
        if found.high < self.low or self.high < found.low:
            return 'disagrees'
        return 'cannot tell'


BETTER = Kind('better than', 0, inf)
# Ours: "at least as good" and "comparable" need margins to be testable.
NOT_WORSE = Kind('at most 1 point worse than', -1, inf)
COMPARABLE = Kind('within 2 points of', -2, 2)


@dataclass(frozen=True)
class Comparison:
    """One system against another.

    Args:
        system: A key of `SYSTEMS`.
        kind: What is claimed of the difference.
        reference: Another key of `SYSTEMS`.
        paper: By metric, the paper's percent of the two systems.
    """

    system: str
    kind: Kind
    reference: str
    paper: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper.

    Args:
        text: The sentence.
        where: The table or section that has it.
        comparisons: All have to hold.
    """

    text: str
    where: str
    comparisons: Sequence[Comparison]


def judge(claim: Claim, rows: Sequence[Mapping]) -> dict:
    """Compare a claim with what was measured.

    Args:
        claim: The claim.
        rows: See :func:`.report.write_report`.

    Returns:
        'claim', 'where', 'verdict', and 'parts', one of each comparison and
        metric: 'system', 'kind', 'reference', 'metric', 'paper' (two numbers
        in percent), 'mean', 'low' and 'high' (points of percent, None where
        there is none), 'seeds' and 'verdict'. The claim's verdict is the
        first of `VERDICTS` among its parts'.
    """
    parts = [
        part(comparison, metric, rows) for comparison in claim.comparisons
        for metric in comparison.paper
    ]
    return dict(
        claim=claim.text,
        where=claim.where,
        verdict=min((p['verdict'] for p in parts), key=VERDICTS.index),
        parts=parts)


def part(comparison: Comparison, metric: str, rows: Sequence[Mapping]) -> dict:
    """Judge one metric of a comparison; see :func:`judge`."""
    found = compare(rows, comparison.system, comparison.reference, metric)
    mean, low, high, num = found or (None, -inf, inf, 0)
    return dict(
        system=comparison.system,
        kind=comparison.kind.words,
        reference=comparison.reference,
        metric=metric,
        paper=list(comparison.paper[metric]),
        mean=mean,
        low=low if isfinite(low) else None,
        high=high if isfinite(high) else None,
        seeds=num,
        verdict=comparison.kind.verdict(found))
