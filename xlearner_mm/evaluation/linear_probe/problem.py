"""Logistic regressions of L strengths, along uncorrelated axes.

Shapes as in regression.py: parameters (P, L, K), logits (N, L, K).
"""
from typing import NamedTuple

import torch
from torch import Tensor

from .regression import penalised


class Problem(NamedTuple):
    """What stays the same in all iterations.

    Args:
        z: Features along uncorrelated axes, and ones (N, P).
        y: Labels (N,).
        l2: Strengths (L,), > 0.
        curvature: Second moment of each column of `z` (P,).
    """

    z: Tensor
    y: Tensor
    l2: Tensor
    curvature: Tensor

    def strengths(self, kept: Tensor) -> 'Problem':
        """Leave only some of the strengths."""
        return self._replace(l2=self.l2[kept])

    def double(self) -> 'Problem':
        """Return the problem in float64."""
        return Problem(self.z.double(), self.y, self.l2.double(),
                       self.curvature.double())


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product of parameters (P, L, K) per strength (L,)."""
    return torch.einsum('plk,plk->l', a, b)


def logits_of(problem: Problem, theta: Tensor) -> Tensor:
    """Return the logits (N, L, K) of parameters (P, L, K)."""
    return (problem.z @ theta.flatten(1)).view(-1, *theta.shape[1:])


def gradient(problem: Problem, residual: Tensor, theta: Tensor) -> Tensor:
    """Return the gradient (P, L, K) to the parameters."""
    back = problem.z.T @ residual.flatten(1)
    return (back.view_as(theta) / len(problem.y)).add_(
        penalised(theta) * problem.l2[:, None])


def penalised_loss(problem: Problem, loss: Tensor, theta: Tensor) -> Tensor:
    """Return the objective f (L,).

    Args:
        problem: The problem.
        loss: Mean cross-entropy (L,).
        theta: Parameters (P, L, K).
    """
    weights = penalised(theta)
    return loss + problem.l2 / 2 * dot(weights, weights)


def relative_gap(problem: Problem, f: Tensor, grad: Tensor) -> Tensor:
    """Estimate how far f is above its minimum, relative to f (L,).

    f has a curvature of at least lambda along the weights, so that with the
    best intercepts the minimum is at most |gradient|^2 / (2 lambda) below.
    The intercepts are not penalised: their curvature, about the frequency of
    a class, is taken to be 1 / K, so that with rare classes the estimate is a
    few times too small.

    Args:
        problem: The problem.
        f: Objective (L,).
        grad: Gradient (P, L, K).
    """
    least = problem.l2.clamp_max(1 / grad.shape[-1])
    return dot(grad, grad) / (2 * least * f)


def inverse_guess(problem: Problem, residual: Tensor) -> Tensor:
    """Guess the diagonal of the inverse Hessian (P, L, 1).

    Args:
        problem: The problem.
        residual: Probabilities less targets (N, L, K).
    """
    size = residual.abs()  # |r| (1 - |r|) = p (1 - p), target or not
    undecided = torch.mean(size * (1 - size), (0, 2))
    undecided.clamp_min_(torch.finfo(size.dtype).eps)
    ridge = problem.l2.expand(len(problem.curvature), -1).clone()
    ridge[-1] = 0
    return (1 / (problem.curvature[:, None] * undecided + ridge))[..., None]
