"""A linear probe: multinomial logistic regression on features (Sec. 4.2)."""
import warnings
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from ...errors import UserError
from .fitting import MAX_ITERS, Fit, fit
from .regression import objective
from .scores import SCORES

Split = tuple[np.ndarray | Tensor, np.ndarray | Tensor]
#: Nine values, log-uniform over the paper's range.
L2_GRID = tuple(10**(-5 + i / 2) for i in range(9))


class ProbeResult(NamedTuple):
    """What a probe found.

    Args:
        l2_strength: The lambda that was best on the validation split.
        score: Metric on the test split, percent.
        scores_by_l2: Metric on the validation split by lambda, percent.
        iterations: Of L-BFGS, by lambda, on the training split.
        seconds: That the fits took.
        gradient_norm: Of the final fit, in float64.
        converged: Whether every fit reached `TOLERANCE`.
    """

    l2_strength: float
    score: float
    scores_by_l2: dict[float, float]
    iterations: dict[float, int]
    seconds: float
    gradient_norm: float
    converged: bool


def sweep(train: Split,
          val: Split,
          test: Split,
          l2_grid: Sequence[float] | None = None,
          metric: str = 'top1',
          device: str | torch.device = 'cpu',
          max_iters: int = MAX_ITERS) -> ProbeResult:
    """Choose lambda on `val`, refit on `train` and `val`, score on `test`.

    Args:
        train, val, test: Features (N, D) and labels (N,), 0..K-1, of each
            split, arrays or tensors.
        l2_grid: The lambdas to try; `L2_GRID` where absent.
        metric: 'top1' or 'mean_per_class'.
        device: Where to compute.
        max_iters: Most iterations of L-BFGS; a fit that needs more is named
            in a warning.

    Raises:
        UserError: The metric is unknown, a split is empty or does not fit the
            others, or features are not finite.

    Example:
        >>> import numpy as np
        >>> x, y = np.eye(4, dtype='f').repeat(5, 0), np.arange(4).repeat(5)
        >>> sweep((x, y), (x, y), (x, y)).score
        100.0
    """
    grid = _check_grid(L2_GRID if l2_grid is None else l2_grid, metric)
    splits = dict(train=train, val=val, test=test)
    data = {name: _prepare(name, *s, device) for name, s in splits.items()}
    num_classes = _check_splits(data)
    start = perf_counter()
    fits = fit(*data['train'], grid, num_classes, max_iters=max_iters)
    predicted = fits.predict(data['val'][0])
    scores = [SCORES[metric](p, data['val'][1]) for p in predicted]
    best = scores.index(max(scores))
    both = [torch.cat(parts) for parts in zip(data['train'], data['val'])]
    warm = Fit(*(part[best:best + 1] for part in fits))
    final = fit(*both, [grid[best]], num_classes, warm, max_iters=max_iters)
    seconds = perf_counter() - start
    x, y = data['test']
    return ProbeResult(
        l2_strength=grid[best],
        score=SCORES[metric](final.predict(x)[0], y),
        scores_by_l2=dict(zip(grid, scores)),
        iterations=dict(zip(grid, fits.iterations.tolist())),
        seconds=seconds,
        gradient_norm=_gradient_norm(final, *both, grid[best]),
        converged=_tell_converged([*grid, grid[best]],
                                  [*fits.converged, *final.converged]))


def _tell_converged(l2_strengths: Sequence[float],
                    converged: Sequence[Tensor]) -> bool:
    """Tell whether all fits converged; name those that did not."""
    late = {l2 for l2, done in zip(l2_strengths, converged) if not done}
    if late:
        warnings.warn(
            f'linear probe: not converged at lambda={sorted(late)}; scale '
            'the features, allow more iterations or take larger lambdas',
            ConvergenceWarning)
    return not late


def _gradient_norm(found: Fit, x: Tensor, y: Tensor, l2: float) -> float:
    """Check a fit of one strength in float64."""
    _, norm = objective(found.weight.double(), found.bias.double(), x.double(),
                        y,
                        torch.tensor([l2]).to(x.device).double())
    return norm.item()


def _check_grid(grid: Sequence[float], metric: str) -> list[float]:
    if metric not in SCORES:
        raise UserError(
            f'metric={metric!r}: choose one of {", ".join(SCORES)}')
    values = [float(v) for v in grid]
    if not values or min(values) <= 0:
        raise UserError(f'l2_grid={values}: give at least one number, all > 0')
    return values


def _prepare(name: str, x, y, device) -> tuple[Tensor, Tensor]:
    """Check a split and move it to the device."""
    x = torch.as_tensor(x)
    y = torch.as_tensor(y).long()
    if not len(x) or x.ndim != 2 or y.shape != x.shape[:1]:
        raise UserError(
            f'{name}: features {tuple(x.shape)} and labels {tuple(y.shape)}; '
            'give (N, D) and (N,) with N >= 1')
    if y.min() < 0 or not x.isfinite().all():
        raise UserError(f'{name}: labels begin at {int(y.min())} and must not '
                        'be negative; features must be finite')
    x = x if x.dtype == torch.float64 else x.float()
    return x.to(device), y.to(device)


def _check_splits(data: dict[str, tuple[Tensor, Tensor]]) -> int:
    """Check that the splits fit each other; return the number of classes."""
    widths = {name: x.shape[1] for name, (x, _) in data.items()}
    if len(set(widths.values())) > 1:
        raise UserError(f'the splits have features of different width: '
                        f'{widths}; extract them with the same backbone')
    return 1 + max(int(y.max()) for _, y in data.values())
