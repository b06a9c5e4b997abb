"""Splits that a dataset does not come with (paper Sec. 4.2).

The draws use NumPy's legacy generator, whose stream is frozen: a seed gives
the same split with every version of NumPy.
"""
from collections.abc import Iterator

import numpy as np

from ...errors import UserError

Indices = tuple[np.ndarray, np.ndarray]


def hold_out(labels: np.ndarray,
             fraction: float = 0.2,
             seed: int = 0) -> Indices:
    """Hold out a fraction of each class for validation.

    Ours: the paper names no validation split for datasets without one.

    Args:
        labels: (N,), integers.
        fraction: Of each class's images, in (0, 1). A class of n images
            gives `round(fraction * n)` of them, at most n - 1.
        seed: Of the draw.

    Returns:
        Sorted indices into `labels` of training and of validation, disjoint
        and together complete.

    Raises:
        UserError: The fraction is out of range, or no class can spare an
            image.

    Example:
        >>> train, val = hold_out([0, 0, 0, 0, 0, 7, 7], fraction=0.5)
        >>> len(train), len(val)
        (4, 3)
    """
    if not 0 < fraction < 1:
        raise UserError(f'val_fraction={fraction!r}; give a number above 0 '
                        'and below 1')
    train, val = [], []
    for _, indices in _shuffled_classes(labels, seed):
        count = min(round(fraction * len(indices)), len(indices) - 1)
        val.append(indices[:count])
        train.append(indices[count:])
    if not sum(map(len, val)):
        raise UserError(
            f'{fraction:.0%} of each class are to be held out for validation, '
            f'but no class of the {len(labels)} images has enough to give '
            'one; raise val_fraction or add a val split')
    return _join(train), _join(val)


def per_class(labels: np.ndarray,
              num_train: int = 30,
              seed: int = 0) -> Indices:
    """Draw as many training images from each class; the rest is for testing.

    Args:
        labels: (N,), integers.
        num_train: Training images per class, >= 1.
        seed: Of the draw.

    Returns:
        Sorted indices into `labels` of training and of testing, disjoint and
        together complete.

    Raises:
        UserError: `num_train` is below 1, or a class has no image left for
            testing.

    Example:
        >>> train, test = per_class([0, 0, 0, 4, 4], num_train=1)
        >>> len(train), len(test)
        (2, 3)
    """
    if num_train < 1:
        raise UserError(f'train_per_class={num_train!r}; give a whole number '
                        'of images >= 1')
    train, test = [], []
    for label, indices in _shuffled_classes(labels, seed):
        if len(indices) <= num_train:
            raise UserError(
                f'class {label} has {len(indices)} images; {num_train} per '
                f'class for training and the rest for testing need at least '
                f'{num_train + 1}')
        train.append(indices[:num_train])
        test.append(indices[num_train:])
    return _join(train), _join(test)


def _shuffled_classes(labels: np.ndarray,
                      seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each class in ascending order with its indices, shuffled."""
    labels = np.asarray(labels)
    rng = np.random.RandomState(seed)
    for label in np.unique(labels):
        indices = np.flatnonzero(labels == label)
        yield int(label), indices[rng.permutation(len(indices))]


def _join(parts: list[np.ndarray]) -> np.ndarray:
    return np.sort(np.concatenate(parts))
