"""A `pickle_module` for `torch.load` that runs no code of the file's choice.

It builds tensors, numbers, arrays and MMEngine's own log histories, and
refuses any other class or function. torch's `weights_only=True` has no list
of further classes to allow before torch 2.4, and every checkpoint of a run
contains histories.
"""
import os
import pickle
from collections import Counter, OrderedDict
from types import SimpleNamespace
from typing import BinaryIO

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim import OneCycleParamScheduler
from torch._weights_only_unpickler import _get_allowed_globals

try:
    from numpy._core import multiarray
except ImportError:  # NumPy 1
    from numpy.core import multiarray


class RefusedClass(Exception):
    """A pickle names something that it may not use.

    Args:
        name: Of the class or function, with its module.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Options(SimpleNamespace):
    """Stands for the options of a command line, in checkpoints of DINO."""


#: Stands for a scheduler, of which a state names a method.
_ONE_CYCLE = SimpleNamespace(
    _annealing_cos=OneCycleParamScheduler._annealing_cos,
    _annealing_linear=OneCycleParamScheduler._annealing_linear)


def _method(owner: object, name: str) -> object:
    """Stand in for `getattr`, with which pickle names a class's methods."""
    if owner is HistoryBuffer and name in ('min', 'max', 'current', 'mean'):
        return getattr(owner, name)
    if owner is _ONE_CYCLE and name in vars(owner):
        return getattr(owner, name)
    raise RefusedClass(f'builtins.getattr of {name}')


_HARMLESS = {
    'builtins.getattr': _method,
    'collections.Counter': Counter,  # milestones of a schedule
    'builtins.set': set,
    'builtins.frozenset': frozenset,
    'builtins.range': range,
    'builtins.xrange': range,  # its name in Python 2
    'builtins.slice': slice,
    'builtins.complex': complex,
    'builtins.bytearray': bytearray,
    '_codecs.encode': lambda text, encoding: text.encode(encoding),
    'argparse.Namespace': Options,
    'pathlib.PosixPath': os.path.join,  # as text
    'mmengine.config.config.ConfigDict': dict,
    'mmengine.logging.history_buffer.HistoryBuffer': HistoryBuffer,
    'mmengine.optim.scheduler.param_scheduler.OneCycleParamScheduler':
    _ONE_CYCLE,
    'numpy.ndarray': np.ndarray,
    'numpy.dtype': np.dtype,
    'numpy.core.multiarray._reconstruct': multiarray._reconstruct,
    'numpy.core.multiarray.scalar': multiarray.scalar,
    **_get_allowed_globals(),
    **{
        str(dtype): dtype
        for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)
    },
}
#: What may be given a state after it was built: classes and functions not.
_WITH_STATE = (OrderedDict, torch.Tensor, HistoryBuffer, Options, np.ndarray,
               np.dtype)


def _holds_pointers(owner: object, state: object) -> bool:
    """Tell whether a state would let NumPy take numbers for addresses."""
    if isinstance(owner, np.dtype):  # no fields, no flags of objects
        return owner.hasobject or any(state[2:5]) or state[7] != owner.flags
    return isinstance(owner, np.ndarray) and state[2].hasobject


class Unpickler(pickle._Unpickler):
    """Unpickle harmless things only; in Python, as torch's own is.

    Raises:
        RefusedClass: The file names another class or function.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module: str, name: str) -> object:
        """Return a class or function that is on the list."""
        module = module.replace('__builtin__', 'builtins')  # of Python 2
        module = module.replace('numpy._core', 'numpy.core')
        if f'{module}.{name}' not in _HARMLESS:
            raise RefusedClass(f'{module}.{name}')
        return _HARMLESS[f'{module}.{name}']

    def load_build(self) -> None:
        """Set the state of an object, of none that others share."""
        owner, state = self.stack[-2:]
        if not isinstance(owner, _WITH_STATE):
            raise RefusedClass(f'a state of {owner!r}')
        if _holds_pointers(owner, state):
            raise RefusedClass('an array of objects')
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build


def load(file: BinaryIO, **kwargs) -> object:
    """Stand in for `pickle.load`."""
    return Unpickler(file, **kwargs).load()
