"""Multinomial logistic regression on frozen features (paper Sec. 4.2)."""
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

Split = tuple[np.ndarray, np.ndarray]
#: Log-uniform over the paper's range [1e-5, 1e-1].
L2_GRID = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


class ProbeResult(NamedTuple):
    """What a probe found.

    Args:
        l2_strength: The lambda that was best on the validation split.
        score: Top-1 accuracy on the test split, percent.
        scores_by_l2: Accuracy on the validation split by lambda, percent.
    """

    l2_strength: float
    score: float
    scores_by_l2: dict[float, float]


def fit(data: Split, l2_strength: float) -> LogisticRegression:
    """Fit with an L2 weight on the mean cross-entropy.

    Args:
        data: Features (M, C) and labels (M,).
        l2_strength: lambda > 0; scikit-learn's C is 1 / (lambda M).
    """
    model = LogisticRegression(
        C=1 / (l2_strength * len(data[1])), max_iter=1000)
    return model.fit(*data)


def linear_probe(train: Split,
                 val: Split,
                 test: Split,
                 l2_grid: Sequence[float] = L2_GRID) -> ProbeResult:
    """Choose lambda on `val`, fit on `train` and `val`, score on `test`.

    Args:
        train, val, test: Features (M, C) and labels (M,) of each split.
        l2_grid: The lambdas to try.

    Example:
        >>> import numpy as np
        >>> x, y = np.eye(4).repeat(5, 0), np.arange(4).repeat(5)
        >>> linear_probe((x, y), (x, y), (x, y)).score
        100.0
    """
    scores = {l2: 100 * fit(train, l2).score(*val) for l2 in l2_grid}
    best = max(scores, key=scores.get)
    both = tuple(np.concatenate(parts) for parts in zip(train, val))
    return ProbeResult(best, 100 * fit(both, best).score(*test), scores)
