"""Multinomial logistic regression: many L2 strengths as one problem.

Shapes: N images, D features, K classes, L strengths; P = R + 1 with R the rank
of the centred features. All functions are pure.

The objective of strength lambda (paper Sec. 4.2; scikit-learn's with
C = 1 / (lambda N)), with an intercept b that is not penalised:

    f(W, b) = 1/N sum_n -log softmax(W x_n + b)[y_n] + lambda/2 |W|^2
"""
from typing import NamedTuple

import torch
from torch import Tensor


class Basis(NamedTuple):
    """The axes on which features are uncorrelated.

    Rotating the features leaves the objective as it is, and shows how curved
    it is along each axis, which the optimizer needs to know.

    Args:
        mean: Mean feature (D,).
        axes: Orthonormal axes (D, R), which span the features.
        variance: Variance of the features along each (R,), >= 0.
    """

    mean: Tensor
    axes: Tensor
    variance: Tensor


def find_basis(x: Tensor) -> Basis:
    """Find the principal axes of features (N, D), R = min(N, D)."""
    mean = x.mean(0)
    centred = x - mean
    wide = x.shape[0] < x.shape[1]
    if wide:
        span, _ = torch.linalg.qr(centred.T)
        centred = centred @ span
    values, axes = torch.linalg.eigh(centred.T @ centred / len(x))
    return Basis(mean, span @ axes if wide else axes, values.clamp_min(0))


def rotate(x: Tensor, basis: Basis) -> Tensor:
    """Express features (N, D) in a basis, and append ones: (N, P)."""
    return torch.cat([(x - basis.mean) @ basis.axes, x.new_ones(len(x), 1)], 1)


def to_weights(theta: Tensor, basis: Basis) -> tuple[Tensor, Tensor]:
    """Turn parameters (P, L, K) into weights (L, K, D), intercepts (L, K)."""
    weight = torch.einsum('dr,rlk->lkd', basis.axes, theta[:-1])
    return weight, theta[-1] - weight @ basis.mean


def to_theta(weight: Tensor, bias: Tensor, basis: Basis) -> Tensor:
    """Turn weights (L, K, D) and intercepts (L, K) into (P, L, K)."""
    theta = torch.einsum('dr,lkd->rlk', basis.axes, weight)
    return torch.cat([theta, (bias + weight @ basis.mean)[None]])


def cross_entropy(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the mean cross-entropy and its residual.

    Args:
        logits: (N, L, K).
        y: Labels (N,), 0..K-1.

    Returns:
        The loss of each strength (L,), and probabilities less targets
        (N, L, K), which is N times the gradient to the logits.
    """
    top = logits.amax(-1, keepdim=True)
    shifted = logits - top
    index = y[:, None, None].expand(-1, logits.shape[1], 1)
    target = shifted.gather(-1, index)
    residual = shifted.exp_()
    total = residual.sum(-1, keepdim=True)
    loss = (total.log() - target).squeeze(-1).mean(0)
    residual.div_(total)
    residual.scatter_add_(-1, index, -torch.ones_like(target))
    return loss, residual


def penalised(theta: Tensor) -> Tensor:
    """Return parameters (P, L, K) with the intercept set to zero."""
    weights = theta.clone()
    weights[-1] = 0
    return weights


def objective(weight: Tensor, bias: Tensor, x: Tensor, y: Tensor,
              l2_strengths: Tensor) -> tuple[Tensor, Tensor]:
    """Evaluate f and the norm of its gradient, to check a solution.

    Args:
        weight: (L, K, D).
        bias: (L, K).
        x: Features (N, D).
        y: Labels (N,).
        l2_strengths: (L,).

    Returns:
        f (L,), and the Euclidean norm of its gradient (L,).

    Example:
        >>> x, y = torch.eye(2), torch.tensor([0, 1])
        >>> f, norm = objective(
        ...     torch.zeros(1, 2, 2), torch.zeros(1, 2), x, y, torch.ones(1))
        >>> round(f.item(), 4), norm.item()
        (0.6931, 0.5)
    """
    loss, residual = cross_entropy(
        torch.einsum('nd,lkd->nlk', x, weight) + bias, y)
    residual /= len(x)
    scale = l2_strengths[:, None, None]
    to_weight = torch.einsum('nd,nlk->lkd', x, residual) + scale * weight
    square = to_weight.square().sum((1, 2)) + residual.sum(0).square().sum(1)
    penalty = weight.square().sum((1, 2)) / 2 * l2_strengths
    return loss + penalty, square.sqrt()
