"""What a training loop cannot run under."""
from collections.abc import Sequence

from mmengine.device import get_device
from mmengine.dist import get_world_size
from mmengine.hooks import CheckpointHook, EMAHook, Hook
from mmengine.model import MMFullyShardedDataParallel
from mmengine.runner import Runner
from torch import nn

from ...errors import UserError
from ...models.algorithms import ShardedDataParallel
from ..hooks import (CompileHook, DurableCheckpointHook, GradientConflictHook,
                     ReconciliationNormHook)

#: They copy, compile or measure weights outside the model's own passes.
_READ_WHOLE = (CompileHook, EMAHook, GradientConflictHook,
               ReconciliationNormHook)


def check_runner(runner: Runner) -> None:
    """Refuse a runner under which training would fail later.

    Args:
        runner: What builds the loop.

    Raises:
        UserError: It is MMEngine's `FlexibleRunner`, its parameters are
            sharded by MMEngine's wrapper, or it has what
            :func:`check_sharded` or :func:`check_sync_bn` refuses.
    """
    if not isinstance(runner, Runner):
        raise UserError(
            f'{type(runner).__name__} builds the model after the loop, which '
            "looks at it: leave runner_type and strategy out, MMEngine's "
            'Runner is the one that is supported')
    if isinstance(runner.model, MMFullyShardedDataParallel):
        raise UserError(
            "model_wrapper_cfg: MMEngine's Runner would initialise and save "
            'parts of parameters as if they were whole; take '
            "model_wrapper_cfg=dict(type='ShardedDataParallel'), which shards "
            'with the same class')
    if isinstance(runner.model, ShardedDataParallel):
        check_sharded(runner.hooks)
    check_sync_bn(runner.model, get_device(), get_world_size())


def check_sharded(hooks: Sequence[Hook]) -> None:
    """Refuse hooks that need whole parameters.

    Args:
        hooks: Those of a run under :class:`ShardedDataParallel`.

    Raises:
        UserError: There is such a hook.
    """
    for hook in hooks:
        if isinstance(hook, _READ_WHOLE) or (
                isinstance(hook, CheckpointHook)
                and not isinstance(hook, DurableCheckpointHook)):
            raise UserError(
                f'{type(hook).__name__} needs whole parameters, and '
                'ShardedDataParallel leaves each process a part; leave one of '
                'the two out (checkpoints: DurableCheckpointHook)')


def check_sync_bn(model: nn.Module, device: str, processes: int) -> None:
    """Refuse SyncBN in processes that have no GPU.

    In one process it is BatchNorm; in several, torch has it for accelerators
    only.

    Args:
        model: What is trained.
        device: Where, 'cpu' or another kind.
        processes: How many train together.

    Raises:
        UserError: There is such a layer.
    """
    if device != 'cpu' or processes == 1:
        return
    for name, module in model.named_modules():
        if isinstance(module, nn.SyncBatchNorm):
            raise UserError(
                f'{name} is SyncBN, which torch has for GPUs only; take '
                'sync_bn off the config and SyncBN off its norm_cfg, or '
                'train in one process')
