"""Linear classifiers of many L2 strengths, fitted together (Sec. 4.2)."""
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .lbfgs import minimise_exactly
from .problem import Problem
from .regression import find_basis, rotate, to_theta, to_weights

MAX_ITERS = 1000  # paper: Sec. 4.2
#: Largest (f - minimum) / f, as estimated, at which a fit has converged.
TOLERANCE = 1e-5


class Fit(NamedTuple):
    """Classifiers of L strengths, K classes, D features.

    Args:
        weight: (L, K, D).
        bias: (L, K).
        iterations: (L,).
        converged: (L,), bool.
    """

    weight: Tensor
    bias: Tensor
    iterations: Tensor
    converged: Tensor

    def predict(self, x: Tensor) -> Tensor:
        """Return the likeliest class (L, N) of features (N, D)."""
        return torch.stack([(x @ w.T + b).argmax(1)
                            for w, b in zip(self.weight, self.bias)])


def fit(x: Tensor,
        y: Tensor,
        l2_strengths: Sequence[float],
        num_classes: int,
        start: Fit | None = None,
        max_iters: int = MAX_ITERS,
        tolerance: float = TOLERANCE) -> Fit:
    """Fit one classifier per strength, all in one batched problem.

    Args:
        x: Features (N, D), float32 or float64; decides the device. In float32,
            a strength that its precision keeps from converging goes on in
            float64.
        y: Labels (N,), 0..K-1.
        l2_strengths: Weights of the L2 penalty on the mean cross-entropy, > 0.
        num_classes: K.
        start: Classifiers of as many strengths to start from; zero without.
        max_iters: Most iterations of L-BFGS.
        tolerance: Relative distance to the minimum to reach.

    Example:
        >>> x, y = torch.eye(3).repeat(4, 1), torch.arange(3).repeat(4)
        >>> fit(x, y, [0.1, 0.01], num_classes=3).predict(torch.eye(3))
        tensor([[0, 1, 2],
                [0, 1, 2]])
    """
    basis = find_basis(x)
    z = rotate(x, basis)
    l2 = torch.tensor(l2_strengths, dtype=x.dtype, device=x.device)
    curvature = torch.cat([basis.variance, basis.variance.new_ones(1)])
    if start is None:
        theta = z.new_zeros(z.shape[1], len(l2), num_classes)
    else:
        theta = to_theta(start.weight, start.bias, basis)
    found = minimise_exactly(
        Problem(z, y, l2, curvature), theta, tolerance, max_iters)
    return Fit(*to_weights(found.theta, basis), found.iterations, found.gap
               <= tolerance)
