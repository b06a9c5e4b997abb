"""Two systems compared over the seeds that both have."""
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

#: Of the interval of a difference: the share of intervals that hold it.
LEVEL = 0.9


class Metric(NamedTuple):
    """A number of a row, or the mean of several.

    Args:
        title: For the head of a table.
        short: For a cell.
        read: Gives the numbers of a row, in percent, by name.
    """

    title: str
    short: str
    read: Callable[[Mapping], Mapping[str, float]]


def _transfer(task: str) -> Callable[[Mapping], dict[str, float]]:
    return lambda row: {k: v for k, v in row['transfer'].items() if k == task}


#: The transfers, each by the name of its task in the suite.
TRANSFERS = dict(
    linear_probe=Metric('Linear probe (top-1)', 'Cls',
                        _transfer('linear_probe')),
    det_AP50=Metric('Detection (AP50)', 'Det', _transfer('det_AP50')),
    seg_mIoU=Metric('Segmentation (mIoU)', 'Seg', _transfer('seg_mIoU')))
#: All that claims are about; 'upstream' is the sources' own key metrics.
METRICS = dict(
    TRANSFERS,
    upstream=Metric('Sources (mean)', 'Sources',
                    lambda row: row['source_metrics']))


class Interval(NamedTuple):
    """A mean, and where it may lie if other seeds had been drawn.

    Args:
        mean: In points of percent, as the ends.
        low: Lower end; minus infinity of one value.
        high: Upper end; infinity of one value.
        num: How many values it is of.
    """

    mean: float
    low: float
    high: float
    num: int


def t_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Return Student's two-sided interval of a mean.

    Args:
        values: One at least, taken to be independent and near normal.
        level: Its confidence, in (0, 1).

    Example:
        >>> [round(x, 2) for x in t_interval([1.0, 2.0, 3.0])]
        [2.0, 0.31, 3.69, 3]
    """
    num, mean = len(values), float(np.mean(values))
    if num == 1:
        return Interval(mean, -math.inf, math.inf, num)
    half = stats.t.ppf((1 + level) / 2, num - 1) * np.std(
        values, ddof=1) / math.sqrt(num)
    return Interval(mean, float(mean - half), float(mean + half), num)


def by_seed(rows: Iterable[Mapping], system: str) -> dict[int, Mapping]:
    """Return the rows of a system by their seed."""
    return {row['seed']: row for row in rows if row['system'] == system}


def compare(rows: Sequence[Mapping], system: str, reference: str,
            metric: str) -> Interval | None:
    """Return the mean difference of two systems and its interval.

    Paired: what one seed gives to both, e.g. the order of the images, drops
    out. Of a metric of several numbers, those count that both rows have.

    Args:
        rows: See :func:`.report.write_report`.
        system: A key of `SYSTEMS`.
        reference: Another, which is subtracted.
        metric: A key of `METRICS`.

    Returns:
        Points of percent; None if no seed has the metric of both.
    """
    read, found = METRICS[metric].read, []
    ours, theirs = by_seed(rows, system), by_seed(rows, reference)
    for seed in sorted(ours.keys() & theirs.keys()):
        first, second = read(ours[seed]), read(theirs[seed])
        shared = [first[k] - second[k] for k in first if k in second]
        if shared:
            found.append(float(np.mean(shared)))
    return t_interval(found) if found else None
