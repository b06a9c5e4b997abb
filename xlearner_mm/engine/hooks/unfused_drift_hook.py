"""How far the gammas' inputs have drifted from what their BatchNorm knows.

After tau, E^k is trained on fused inputs, and its running statistics follow
them; the gammas of other tasks read an un-fused pass of it that uses these
statistics. Exact at tau, the two may drift apart.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ...models.algorithms import ShardedDataParallel
from ...registry import HOOKS


@HOOKS.register_module()
class UnfusedDriftHook(Hook):
    """Log '<task>.unfused_drift' for an ExpansionModel, in phase 'joint'.

    The mean, over the BatchNorm layers and channels of the un-fused pass of
    E^k on images of its own task, of `|batch mean - running mean|` in running
    standard deviations. Its level just after tau is the sampling noise of a
    batch; look for growth.

    Args:
        interval: Iterations between measurements.
    """

    priority = 'ABOVE_NORMAL'  # before LoggerHook

    def __init__(self, interval: int = 100) -> None:
        self.interval = interval

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Measure on the batch just trained on."""
        if (getattr(runner.train_loop, 'phase', None) != 'joint'
                or not self.every_n_train_iters(runner, self.interval)):
            return
        wrapper = model = runner.model
        model = model.module if is_model_wrapper(model) else model
        if model.backbone.reconciliation is None:
            return
        measure = unfused_drift
        if isinstance(wrapper, ShardedDataParallel):
            measure = partial(wrapper.whole, unfused_drift)
        # As in training: mmseg's pads pictures of several sizes only there.
        inputs = model.data_preprocessor(data_batch, True)['inputs']
        for task in model.tasks:
            drifts = [
                measure(model.backbone, task, x) for name, x in inputs.items()
                if model.task_of[name] == task
            ]
            runner.message_hub.update_scalar(f'train/{task}.unfused_drift',
                                             sum(drifts) / len(drifts))


def unfused_drift(backbone: nn.Module, task: str, x: Tensor) -> float:
    """Measure the drift of one sub-backbone, see :class:`UnfusedDriftHook`.

    Args:
        backbone: An ExpandedResNet.
        task: k.
        x: Images of task k, (N, 3, H, W).

    Returns:
        Running standard deviations, >= 0; 0 without any BatchNorm.
    """
    with _record_drifts(backbone.sub_backbones[task]) as drifts:
        backbone.unfused(task, x)
    return torch.stack(drifts).mean().item() if drifts else 0.0


@contextmanager
def _record_drifts(net: nn.Module) -> Iterator[list[Tensor]]:
    drifts: list[Tensor] = []

    def record(norm: _BatchNorm, args: tuple[Tensor]) -> None:
        mean = args[0].float().mean((0, 2, 3))
        std = (norm.running_var + norm.eps).sqrt()
        drifts.append(((mean - norm.running_mean).abs() / std).mean())

    handles = [
        m.register_forward_pre_hook(record) for m in net.modules()
        if isinstance(m, _BatchNorm)
    ]
    try:
        yield drifts
    finally:
        for handle in handles:
            handle.remove()
