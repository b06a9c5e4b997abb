"""What a training loop cannot run under."""
from mmengine.device import get_device
from mmengine.dist import get_world_size
from mmengine.model import MMFullyShardedDataParallel
from mmengine.runner import Runner
from torch import nn

from ...errors import UserError


def check_runner(runner: Runner) -> None:
    """Refuse a runner under which training would fail later.

    Args:
        runner: What builds the loop.

    Raises:
        UserError: It is MMEngine's `FlexibleRunner`, its parameters are
            sharded, or it has what :func:`check_sync_bn` refuses.
    """
    if not isinstance(runner, Runner):
        raise UserError(
            f'{type(runner).__name__} builds the model after the loop, which '
            "looks at it: leave runner_type and strategy out, MMEngine's "
            'Runner is the one that is supported')
    if isinstance(runner.model, MMFullyShardedDataParallel):
        raise UserError(
            "model_wrapper_cfg: FSDP shards the parameters, which MMEngine's "
            'Runner initialises and saves whole, and tau freezes one by one; '
            'leave it out for MMDistributedDataParallel. What saves memory: '
            "model.backward='per_task', with_cp=True in a ResNet, --amp")
    check_sync_bn(runner.model, get_device(), get_world_size())


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
