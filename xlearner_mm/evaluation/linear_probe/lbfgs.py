"""L-BFGS on many logistic regressions at once.

Shapes as in regression.py: parameters (P, L, K), logits (N, L, K). An
iteration costs two matrix products over all strengths: the logits are linear
in the step, so that the line search only evaluates a scalar function.
"""
from collections import deque
from typing import NamedTuple

import torch
from torch import Tensor

from .line_search import line_search
from .problem import (Problem, dot, gradient, inverse_guess, logits_of,
                      penalised_loss, relative_gap)
from .regression import cross_entropy

_MEMORY = 10
#: Iterations between two times that the logits are computed anew, since they
#: are else a sum of steps, each rounded.
_REFRESH = 50
#: Iterations after which a strength counts as stuck if neither its gap nor,
#: by more than rounding, its objective has become smaller. The gap alone would
#: not tell: it may grow for long while the objective falls.
_PATIENCE = 50


class History:
    """The last steps and changes of the gradient (P, L, K), per strength."""

    def __init__(self) -> None:
        self.pairs: deque = deque(maxlen=_MEMORY)

    def append(self, step: Tensor, change: Tensor) -> None:
        """Add a pair; a strength without curvature skips it."""
        product = dot(step, change)
        self.pairs.append((step, change, product))

    def keep(self, kept: Tensor) -> None:
        """Leave only some of the strengths."""
        self.pairs = deque(
            ((s[:, kept], c[:, kept], p[kept]) for s, c, p in self.pairs),
            maxlen=_MEMORY)

    def direction(self, grad: Tensor, inverse: Tensor) -> Tensor:
        """Return minus the inverse Hessian times the gradient (two loops).

        Args:
            grad: (P, L, K).
            inverse: Diagonal first guess of the inverse Hessian (P, L, 1).
        """
        q, factors = -grad, []
        for step, change, product in reversed(self.pairs):
            rho = torch.where(product > 0, 1 / product, 0)
            alpha = rho * dot(step, q)
            q = torch.addcmul(q, change, -alpha[:, None])
            factors.append((rho, alpha))
        q = q * inverse
        if self.pairs:
            _, change, product = self.pairs[-1]
            scale = product / dot(change, change * inverse)
            q *= torch.where(product > 0, scale, 1)[:, None]
        for (step, change, _), (rho, alpha) in zip(self.pairs,
                                                   reversed(factors)):
            beta = rho * dot(change, q)
            q = torch.addcmul(q, step, (alpha - beta)[:, None])
        return q


class Progress:
    """When each of L strengths has last come nearer to its minimum.

    Args:
        like: Any tensor (L,), for type and device.
    """

    def __init__(self, like: Tensor) -> None:
        self.last = torch.zeros_like(like, dtype=torch.int64)
        self._gap = torch.full_like(like, torch.inf)
        self._f = torch.full_like(like, torch.inf)

    def note(self, active: Tensor, iteration: int, gap: Tensor,
             f: Tensor) -> None:
        """Note where an iteration has come to.

        Args:
            active: Which strengths, A of them (A,).
            iteration: Its number.
            gap: Of :func:`relative_gap` (A,).
            f: Objective (A,), > 0.
        """
        falls = f < self._f[active] * (1 - 8 * torch.finfo(f.dtype).eps)
        nearer = gap < self._gap[active]
        self.last[active[falls | nearer]] = iteration
        self._f[active[falls]] = f[falls]
        self._gap[active[nearer]] = gap[nearer]


class Solution(NamedTuple):
    """Where the optimizer stopped.

    Args:
        theta: Parameters (P, L, K).
        iterations: Of each strength (L,).
        gap: Estimate of (f - minimum) / f (L,).
    """

    theta: Tensor
    iterations: Tensor
    gap: Tensor


def minimise(problem: Problem, theta: Tensor, tolerance: float,
             max_iters: int) -> Solution:
    """Minimise f for all strengths; those that are done drop out.

    Done is one that has converged, or that precision keeps from it.

    The first guess of the inverse Hessian takes the features' second moment,
    weighted by how undecided the classifier is on average; Boehning's bound
    with its constant 1/2 replaced by what is found on the way.

    Args:
        problem: The problem.
        theta: Where to start (P, L, K).
        tolerance: Where :func:`relative_gap` stops, e.g. 1e-4.
        max_iters: Most iterations.
    """
    final = Solution(theta.clone(),
                     torch.full_like(problem.l2, max_iters, dtype=torch.int64),
                     torch.empty_like(problem.l2))
    active = torch.arange(len(problem.l2), device=theta.device)
    logits = logits_of(problem, theta)
    loss, residual = cross_entropy(logits, problem.y)
    grad = gradient(problem, residual, theta)
    history, inverse = History(), inverse_guess(problem, residual)
    progress = Progress(problem.l2)
    for iteration in range(max_iters + 1):
        f = penalised_loss(problem, loss, theta)
        gap = relative_gap(problem, f, grad)
        final.theta[:, active], final.gap[active] = theta, gap
        progress.note(active, iteration, gap, f)
        going = (gap > tolerance) & (
            iteration - progress.last[active] < _PATIENCE)
        final.iterations[active[~going]] = iteration
        if iteration == max_iters or not going.any():
            break
        if not going.all():
            active, problem = active[going], problem.strengths(going)
            theta, grad = theta[:, going], grad[:, going]
            logits, residual = logits[:, going], residual[:, going]
            inverse = inverse[:, going]
            history.keep(going)
        if iteration % _MEMORY == 0:
            inverse = inverse_guess(problem, residual)
        direction = history.direction(grad, inverse)
        slope = dot(grad, direction)
        if (slope >= 0).any():  # by rounding
            downhill = -grad * inverse
            direction = torch.where((slope < 0)[:, None], direction, downhill)
            slope = dot(grad, direction)
        found = line_search(problem, logits, logits_of(problem, direction),
                            slope, theta, direction)
        step = direction * found.step[:, None]
        loss, logits, residual = found.loss, found.logits, found.residual
        theta = theta + step
        if (iteration + 1) % _REFRESH == 0:
            logits = logits_of(problem, theta)
            loss, residual = cross_entropy(logits, problem.y)
        before, grad = grad, gradient(problem, residual, theta)
        history.append(step, grad - before)
    return final


def minimise_exactly(problem: Problem, theta: Tensor, tolerance: float,
                     max_iters: int) -> Solution:
    """Minimise f; where float32 does not get there, go on in float64.

    Arguments and result are those of :func:`minimise`.
    """
    found = minimise(problem, theta, tolerance, max_iters)
    late = found.gap > tolerance
    if not late.any() or theta.dtype == torch.float64:
        return found
    left = max_iters - found.iterations[late].min().item()
    more = minimise(
        problem.strengths(late).double(), found.theta[:, late].double(),
        tolerance, left)
    found.theta[:, late] = more.theta.to(theta.dtype)
    found.iterations[late] += more.iterations
    found.gap[late] = more.gap.to(theta.dtype)
    return found
