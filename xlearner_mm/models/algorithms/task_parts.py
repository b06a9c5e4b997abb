"""A backward pass for each task, in one process or in many."""
from collections.abc import Sequence

from mmengine.optim import OptimWrapper
from mmengine.registry import MODEL_WRAPPERS
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .multi_source_model import MultiSourceModel, merge_losses, new_draw


class TaskPart(nn.Module):
    """What the loss of one task reaches, as a module that computes it.

    A distributed wrapper around it knows exactly the parameters that get a
    gradient. The rest of the model is used, but is no part of it.

    Args:
        model: The :class:`ExpansionModel`.
        task: The task.
    """

    def __init__(self, model: MultiSourceModel, task: str) -> None:
        super().__init__()
        self.task = task
        self.modules_of_task = nn.ModuleList(model.task_modules(task))
        self._whole = (model, )

    def forward(self, **batch) -> dict[str, Tensor]:
        """Compute the losses, see :meth:`MultiSourceModel.task_loss`."""
        return self._whole[0].task_loss(self.task, **batch)


def step_by_task(model: MultiSourceModel, parts: Sequence[nn.Module],
                 data: dict, optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
    """Run an iteration with a backward pass for each task, then one update.

    Args:
        model: The model.
        parts: The :class:`TaskPart` of each task, wrapped or not.
        data: The batch, before the preprocessor.
        optim_wrapper: What updates.

    Returns:
        The losses, without graph; 'loss' is the sum over the tasks.
    """
    batch = model.data_preprocessor(data, True)
    draw, logs = new_draw(), []
    for part in parts:
        with optim_wrapper.optim_context(part):
            losses = part(**batch, draw=draw)
        logs.append({key: value.detach() for key, value in losses.items()})
        if part is parts[-1]:
            optim_wrapper.update_params(losses['loss'])
        else:
            accumulate(losses['loss'], optim_wrapper)
        del losses
    return merge_losses(logs)


def accumulate(loss: Tensor, optim_wrapper: OptimWrapper) -> None:
    """Add a loss's gradients to those of the iteration's other tasks.

    A wrapper that can takes them over, see :class:`AbsorbingOptimWrapper`.
    MMEngine counts backward passes to know when its own accumulation over
    iterations is complete; this one is none of these.
    """
    count = optim_wrapper._inner_count
    optim_wrapper.backward(optim_wrapper.scale_loss(loss))
    optim_wrapper._inner_count = count
    if hasattr(optim_wrapper, 'absorb'):
        optim_wrapper.absorb()


@MODEL_WRAPPERS.register_module()
class PerTaskDataParallel(nn.Module):
    """Distributed data parallelism with a backward pass for each task.

    A task's loss reaches none of the other tasks' parameters, so each
    :class:`TaskPart` is wrapped by itself, and every gradient is reduced once
    an iteration, while the rest of its task's backward pass still runs.

    Args:
        module: The :class:`ExpansionModel`; `module` is also its attribute.
        broadcast_buffers: As PyTorch's, but by default False.
        **kwargs: Of PyTorch's `DistributedDataParallel`.
    """

    def __init__(self,
                 module: MultiSourceModel,
                 broadcast_buffers: bool = False,
                 **kwargs) -> None:
        super().__init__()
        self.module = module
        # In a tuple: they hold the same parameters, under other names.
        self.parts = tuple(
            DistributedDataParallel(
                TaskPart(module, task),
                broadcast_buffers=broadcast_buffers,
                **kwargs) for task in module.tasks)

    def train_step(self, data: dict,
                   optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """Run one iteration, see :func:`step_by_task`."""
        return step_by_task(self.module, self.parts, data, optim_wrapper)

    def val_step(self, data: dict) -> dict[str, list]:
        """Run one validation step on this process's images."""
        return self.module.val_step(data)

    def test_step(self, data: dict) -> dict[str, list]:
        """Run one test step on this process's images."""
        return self.module.test_step(data)
