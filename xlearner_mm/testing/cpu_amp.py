"""MMEngine's mixed precision on CPUs, which it refuses."""
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import nn


class CpuAmp(AmpOptimWrapper):
    """AmpOptimWrapper's code on a CPU: autocast and, for float16, loss scale.

    Args:
        optimizer: What updates.
        dtype: 'bfloat16', or 'float16', which torch has here from 2.3 on.
        **kwargs: Of MMEngine's `OptimWrapper`.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, dtype: str,
                 **kwargs) -> None:
        OptimWrapper.__init__(self, optimizer, **kwargs)
        self.cast_dtype = getattr(torch, dtype)
        scaled = dtype == 'float16'
        self.loss_scaler = (
            torch.amp.GradScaler('cpu', enabled=scaled) if hasattr(
                torch.amp, 'GradScaler') else torch.cuda.amp.GradScaler(
                    enabled=scaled))
        self._scale_update_param = None

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Cast what is computed inside."""
        with OptimWrapper.optim_context(self, model), torch.autocast(
                'cpu', self.cast_dtype):
            yield
