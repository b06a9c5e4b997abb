"""Building networks without weights."""
from collections.abc import Callable

import torch
from torch import nn
from torch.overrides import TorchFunctionMode


def attempt(build: Callable[[], object],
            expected: type[Exception] = Exception) -> object:
    """Return what a function makes, or the exception that it raises."""
    try:
        return build()
    except expected as error:
        return error


def without_values(build: Callable[[], nn.Module]) -> nn.Module:
    """Build a model on the meta device, which takes no time and no memory.

    What cannot be built so is built with its values: upstream may compute
    with them. So an error is one that a training would meet too.
    """
    try:
        with _Valueless():
            return build()
    except Exception:
        return build()


class _Valueless(TorchFunctionMode):
    """Leave out the values of new weights and buffers.

    Small tables made from numbers, such as rates of each layer, keep theirs:
    constructors of upstream read them.
    """

    def __torch_function__(self,
                           func: Callable,
                           types: object,
                           args: tuple = (),
                           kwargs: dict | None = None) -> object:
        kwargs = dict(kwargs or {})
        if func in (torch.empty, torch.zeros, torch.ones):
            kwargs['device'] = kwargs.get('device') or 'meta'
        return func(*args, **kwargs)
