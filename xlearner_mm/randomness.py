"""Randomness as a function of names and numbers, never of history.

What a run draws depends on the seed and on what is drawn (which sample of
which source, which iteration of which rank), so an interrupted run has nothing
to restore, and workers and ranks may change in number.
"""
import random
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

import numpy as np
import torch
from mmengine.device import get_device
from torch.utils.data import get_worker_info

_WORD = (1 << 64) - 1


def stable_hash(*parts: int | str) -> int:
    """Hash names and numbers alike in every process and version.

    Returns:
        An integer in [0, 2**64).

    Example:
        >>> stable_hash(0, 'coco', 7) == stable_hash(0, 'coco', 7)
        True
    """
    digest = blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, 'little')


def permuted_index(position: int, size: int, key: int) -> int:
    """Look up one entry of a pseudo-random permutation of range(size).

    A Feistel network over the next even power of two; values that fall
    outside are mapped again until they are inside. Nothing of the size of the
    dataset is ever stored.

    Args:
        position: In [0, size).
        size: Length of the permutation, >= 1.
        key: Selects the permutation, in [0, 2**64).

    Returns:
        The entry, in [0, size); every entry occurs once.

    Example:
        >>> sorted(permuted_index(i, 5, key=1) for i in range(5))
        [0, 1, 2, 3, 4]
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = position >> half, position & mask
        for turn in range(6):
            left, right = right, left ^ (
                _mix(right + (turn << 32), key)
                & mask)
        position = left << half | right
        if position < size:
            return position


def _mix(value: int, key: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64)."""
    z = (value * 0x9E3779B97F4A7C15 + key) & _WORD
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _WORD
    return z ^ z >> 31


@contextmanager
def sample_randomness(seed: int) -> Iterator[None]:
    """Seed python, NumPy and torch for one sample's pipeline.

    In the main process the generators are put back afterwards: loading data
    without workers leaves the model's randomness alone.

    Args:
        seed: In [0, 2**64).
    """
    in_main = get_worker_info() is None
    if in_main:
        states = (random.getstate(), np.random.get_state(),
                  torch.get_rng_state())
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed % 2**63)
    try:
        yield
    finally:
        if in_main:
            random.setstate(states[0])
            np.random.set_state(states[1])
            torch.set_rng_state(states[2])


def seed_model(*parts: int | str) -> None:
    """Seed what the model draws (proposals, dropout) in one iteration.

    Args:
        parts: Seed of the run, rank and iteration.
    """
    seed = stable_hash('model', *parts)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if get_device() not in ('cpu', 'cuda'):
        torch.manual_seed(seed % 2**63)
        return
    # What manual_seed does, but for the kinds of devices that are not in use:
    # it notes down the stack for each, which takes half a millisecond.
    torch.default_generator.manual_seed(seed % 2**63)
    if get_device() == 'cuda':
        torch.cuda.manual_seed_all(seed % 2**63)
