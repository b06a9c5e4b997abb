"""An exact line search that costs no matrix product.

Shapes as in regression.py: parameters (P, L, K), logits (N, L, K).
"""
from typing import NamedTuple

import torch
from torch import Tensor

from .problem import Problem, dot
from .regression import cross_entropy, penalised

_TRIALS = 20
#: |slope| at the end of the line search over |slope| at its start.
_CURVATURE = 0.1


class LineSearch(NamedTuple):
    """The point that a line search found.

    Args:
        step: Step lengths (L,).
        loss: Mean cross-entropy (L,) there.
        logits: (N, L, K) there.
        residual: Probabilities less targets (N, L, K) there.
    """

    step: Tensor
    loss: Tensor
    logits: Tensor
    residual: Tensor


def line_search(problem: Problem, logits: Tensor, change: Tensor,
                slope: Tensor, theta: Tensor, direction: Tensor) -> LineSearch:
    """Find where the slope along a direction nearly vanishes.

    f is convex along the line, so Newton's method inside a bracket converges;
    the criterion is the strong Wolfe condition on the slope, which in float32
    still means something where differences of f do not.

    Args:
        problem: The problem.
        logits: At the start (N, L, K).
        change: What a step of length one adds to them (N, L, K).
        slope: df/dstep at the start (L,), < 0.
        theta: Parameters at the start (P, L, K).
        direction: (P, L, K).
    """
    weights, moved = penalised(theta), penalised(direction)
    along = problem.l2 * dot(weights, moved)
    square = problem.l2 * dot(moved, moved)
    index = problem.y[:, None, None].expand(-1, logits.shape[1], 1)
    target = change.gather(-1, index).squeeze(-1)
    step = torch.ones_like(slope)
    low, high = torch.zeros_like(step), torch.full_like(step, torch.inf)
    for trial in range(_TRIALS):
        at = torch.addcmul(logits, change, step[:, None])
        loss, residual = cross_entropy(at, problem.y)
        product = residual * change
        first = product.sum((0, 2)) / len(problem.y) + along + step * square
        done = first.abs() <= _CURVATURE * slope.abs()
        if done.all() or trial == _TRIALS - 1:
            break
        # sum_k p_k c_k = sum_k r_k c_k + c_y, likewise for the squares.
        mean = product.sum(-1) + target
        second = (product.mul_(change).sum(-1) + target.square() -
                  mean.square()).mean(0) + square
        low = torch.where(first < 0, step, low)
        high = torch.where(first < 0, high, step)
        newton = step - first / second
        inside = (newton > low) & (newton < high)
        middle = torch.where(high.isinf(), 2 * step, (low + high) / 2)
        step = torch.where(done, step, torch.where(inside, newton, middle))
    return LineSearch(step, loss, at, residual)
