"""Scores of a linear probe, in percent (paper Sec. 4.2)."""
import numpy as np
import torch
from torch import Tensor


def top1(predicted: np.ndarray | Tensor, labels: np.ndarray | Tensor) -> float:
    """Percentage of images whose class is predicted.

    Args:
        predicted, labels: (N,), integers, N >= 1.

    Raises:
        ValueError: The shapes differ, or there is no image.

    Example:
        >>> top1(np.array([0, 1, 1, 1]), np.array([0, 1, 2, 2]))
        50.0
    """
    hits, _ = _hits(predicted, labels)
    return 100 * hits.double().mean().item()


def mean_per_class(predicted: np.ndarray | Tensor,
                   labels: np.ndarray | Tensor) -> float:
    """Mean over the classes of the percentage of each that is predicted.

    A class without an image in `labels` does not count.

    Args:
        predicted, labels: (N,), integers, labels >= 0, N >= 1.

    Raises:
        ValueError: The shapes differ, or there is no image.

    Example:
        >>> mean_per_class(np.array([0, 0, 0, 0]), np.array([0, 0, 0, 5]))
        50.0
    """
    hits, labels = _hits(predicted, labels)
    counts = torch.bincount(labels)
    found = torch.bincount(labels[hits], minlength=len(counts))
    there = counts > 0
    return 100 * (found[there].double() / counts[there]).mean().item()


#: By the name that a dataset's config gives as `metric`.
SCORES = dict(top1=top1, mean_per_class=mean_per_class)


def _hits(predicted: np.ndarray | Tensor,
          labels: np.ndarray | Tensor) -> tuple[Tensor, Tensor]:
    """Return which predictions are right, (N,), and the labels."""
    labels = torch.as_tensor(labels)
    predicted = torch.as_tensor(predicted, device=labels.device)
    if predicted.shape != labels.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(
            f'predictions of shape {tuple(predicted.shape)} and labels of '
            f'shape {tuple(labels.shape)}; both are (N,) with N >= 1')
    return predicted == labels, labels
