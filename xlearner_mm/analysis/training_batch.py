"""A batch as a model is trained on it, with no trace of having looked."""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy

import torch
from mmengine.device import get_device
from torch import nn

from ..randomness import sample_randomness, stable_hash


def prepared(model: nn.Module, data: Mapping) -> dict:
    """Run a model's preprocessor as in training.

    Args:
        model: A multi-source model.
        data: A batch of the training loader. It stays as it is: upstream's
            preprocessors write into what they are given, and would pad twice.

    Returns:
        The keyword arguments of the model's `forward`.
    """
    with own_randomness():
        return model.data_preprocessor(deepcopy(dict(data)), True)


@contextmanager
def own_randomness() -> Iterator[None]:
    """Draw the same numbers each time, and put all generators back."""
    devices = [torch.cuda.current_device()] if get_device() == 'cuda' else []
    with torch.random.fork_rng(devices):
        with sample_randomness(stable_hash('analysis')):
            yield
