"""Weights, gradients and momentum shared among processes (FSDP)."""
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

import torch
from mmengine.model import MMFullyShardedDataParallel
from mmengine.optim import OptimWrapper
from mmengine.registry import MODEL_WRAPPERS
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.distributed.fsdp import (FullOptimStateDictConfig,
                                    FullStateDictConfig, OptimStateKeyType,
                                    StateDictType)
from torch.distributed.fsdp.wrap import lambda_auto_wrap_policy

from ...errors import UserError
from .expansion_model import ExpansionModel

#: Optimizers that treat each element of a parameter by itself.
_ELEMENTWISE = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)


class _Root(nn.Module):
    """Runs any function while the parameters outside the units are whole."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, call: Callable, *args, **kwargs) -> object:
        return call(*args, **kwargs)


class _Weights(nn.Module):
    """Stands for a model whose weights are elsewhere."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self._weights = weights

    def state_dict(self, *args, **kwargs) -> dict[str, Tensor]:
        return self._weights


@MODEL_WRAPPERS.register_module()
class ShardedDataParallel(nn.Module):
    """Data parallelism in which each process holds a part of an expansion.

    MMEngine's FSDP around the model, shared out only when the first iteration
    begins (:meth:`shard`): what comes before, initialisation and the loading
    of checkpoints, finds whole parameters, and what is saved is whole again
    (:meth:`gathered`), so that checkpoints are those of any other run.

    Each residual block, gamma and guidance layer is gathered when it runs,
    stems and heads for the whole step. A unit that does not run gets no
    gradient, so the idle parts of a phase need not be frozen.

    Args:
        module: The :class:`ExpansionModel`; `module` is also its attribute.

    Raises:
        UserError: It is another model, or has a backward pass per task.
    """

    def __init__(self, module: ExpansionModel) -> None:
        super().__init__()
        if type(module) is not ExpansionModel:
            raise UserError(
                'model_wrapper_cfg: ShardedDataParallel is for an '
                f'ExpansionModel, and not for {type(module).__name__}; leave '
                'it out for MMDistributedDataParallel')
        if module.backward != 'joint':
            raise UserError(
                f'model.backward={module.backward!r} does not go with '
                "ShardedDataParallel; take 'joint', or leave "
                'model_wrapper_cfg out')
        self.module = module
        self._names = {p: name for name, p in module.named_parameters()}
        self._metadata = module.state_dict()._metadata
        # In a tuple: it holds the same parameters, under other names.
        self._root: tuple[nn.Module] = (_Root(module), )

    def shard(self, optim_wrapper: OptimWrapper) -> None:
        """Share out the parameters, and the optimizer's state, once.

        Args:
            optim_wrapper: Built around the parameters, which stay its own.

        Raises:
            UserError: The wrapper or the optimizer cannot be shared out.
        """
        root, = self._root
        if isinstance(root, MMFullyShardedDataParallel):
            return
        check_optim_wrapper(optim_wrapper)
        optimizer = optim_wrapper.optimizer
        whole = optimizer.state_dict()
        if optimizer.state:  # of a run that goes on
            whole = MMFullyShardedDataParallel.rekey_optim_state_dict(
                whole, OptimStateKeyType.PARAM_NAME, root, optim=optimizer)
        units = units_of(self.module)
        device = next(self.module.parameters()).device
        root = MMFullyShardedDataParallel(
            root,
            device_id=device,
            auto_wrap_policy=partial(
                lambda_auto_wrap_policy, lambda_fn=units.__contains__))
        # On the CPU, offloading reads memory that torch has freed.
        saved = dict(rank0_only=True, offload_to_cpu=device.type != 'cpu')
        with warnings.catch_warnings():  # what follows it came after torch 2.1
            warnings.simplefilter('ignore', FutureWarning)
            root.set_state_dict_type(root, StateDictType.FULL_STATE_DICT,
                                     FullStateDictConfig(**saved),
                                     FullOptimStateDictConfig(**saved))
        self._root = (root, )
        if optimizer.state:
            optimizer.load_state_dict(
                root.optim_state_dict_to_load(root, optimizer, whole))

    @contextmanager
    def gathered(self, runner: Runner) -> Iterator[None]:
        """Let a runner save what is whole; all processes have to enter.

        In the first one `state_dict()` of the runner's model and of its
        optimizer are on the CPU what they would be in a run of one process.
        """
        root, = self._root
        optimizer = runner.optim_wrapper.optimizer
        weights = OrderedDict((name.removeprefix('model.'), value)
                              for name, value in root.state_dict().items())
        weights._metadata = self._metadata
        states = root.optim_state_dict(root, optimizer).get('state', {})
        held = optimizer.state
        optimizer.state = {
            p: states[f'model.{name}']
            for p, name in self._names.items() if f'model.{name}' in states
        }
        runner.model = _Weights(weights)
        try:
            yield
        finally:
            runner.model, optimizer.state = self, held

    def whole(self, call: Callable, *args, **kwargs) -> object:
        """Call a function of the model where its parameters can be read."""
        root, = self._root
        return root(call, *args, **kwargs)

    def train_step(self, data: dict,
                   optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """Run one iteration, as MMEngine's; the first one shards before."""
        self.shard(optim_wrapper)
        with optim_wrapper.optim_context(self):
            batch = self.module.data_preprocessor(data, True)
            losses = self.whole(self.module, **batch, mode='loss')
        loss, logs = self.module.parse_losses(losses)
        optim_wrapper.update_params(loss)
        return logs

    def val_step(self, data: dict) -> dict[str, list]:
        """Run one validation step on this process's images."""
        return self.whole(self.module.val_step, data)

    def test_step(self, data: dict) -> dict[str, list]:
        """Run one test step on this process's images."""
        return self.whole(self.module.test_step, data)


def saving(runner: Runner) -> AbstractContextManager:
    """Return the context in which a runner's checkpoint is written."""
    if isinstance(runner.model, ShardedDataParallel):
        return runner.model.gathered(runner)
    return nullcontext()


def units_of(model: ExpansionModel) -> set[nn.Module]:
    """Return what is gathered by itself: blocks, gammas, guidance layers."""
    units: set[nn.Module] = set()
    inside: set[nn.Module] = set()
    for net in model.backbone.sub_backbones.values():
        for stage in net.modules():
            if isinstance(stage, nn.Sequential) and stage not in inside:
                blocks = [
                    b for b in stage if any(True for _ in b.parameters())
                ]
                units.update(blocks)
                inside.update(m for block in blocks for m in block.modules())
    if model.backbone.reconciliation is not None:
        units.update(model.backbone.reconciliation.layers.values())
    if model.pre_distillation is not None:
        for layers in model.pre_distillation.guidance.values():
            units.update(layers.values())
    return units


def check_optim_wrapper(wrapper: OptimWrapper) -> None:
    """Refuse what would act on parts of parameters as if they were whole.

    Raises:
        UserError: It is another wrapper than MMEngine's, clips gradients, or
            has an optimizer that may not go element by element, as LARS.
    """
    optimizer = wrapper.optimizer
    if type(wrapper) is not OptimWrapper or type(
            optimizer) not in _ELEMENTWISE:
        raise UserError(
            f'{type(wrapper).__name__} with {type(optimizer).__name__} does '
            'not go with ShardedDataParallel; take optim_wrapper.type='
            "'OptimWrapper' with SGD, Adam or AdamW, or leave "
            'model_wrapper_cfg out')
    if wrapper.clip_grad_kwargs:
        raise UserError(
            'optim_wrapper.clip_grad would clip each part of the gradients '
            'by itself under ShardedDataParallel; leave one of them out')
