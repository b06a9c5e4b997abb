"""Hold the gradients of one task at a time."""
import torch
from mmengine.optim import OptimWrapper
from torch import nn

from ...errors import UserError
from ...registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class AbsorbingOptimWrapper(OptimWrapper):
    """SGD that takes each task's gradients into its momentum and frees them.

    Under `model.backward='per_task'` the tasks' gradients otherwise all live
    until the update. The weights have to stay until then, as the other tasks
    read them; the momentum need not. So the update is the same bit for bit,
    and the memory that of the largest task.

    In several processes DDP's buckets hold all gradients anyway.

    Args:
        optimizer: A `torch.optim.SGD` with momentum.
        **kwargs: Of MMEngine's `OptimWrapper`, but for `clip_grad` and
            `accumulative_counts`, which need all gradients at the update.

    Raises:
        UserError: It is another optimizer, or has one of these.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, **kwargs) -> None:
        super().__init__(optimizer, **kwargs)
        if not isinstance(optimizer, torch.optim.SGD) or any(
                group['nesterov'] or not group['momentum']
                for group in optimizer.param_groups):
            raise UserError(
                'optim_wrapper: AbsorbingOptimWrapper needs SGD with momentum '
                f'and without nesterov, not {type(optimizer).__name__}; set '
                "them, or take type='OptimWrapper'")
        if self.clip_grad_kwargs or self._accumulative_counts != 1:
            raise UserError(
                'optim_wrapper: clip_grad and accumulative_counts need all '
                'gradients at the update, which AbsorbingOptimWrapper has '
                "freed; leave them out, or take type='OptimWrapper'")
        self._absorbed: list[tuple[nn.Parameter, dict]] = []

    def absorb(self) -> None:
        """Move all gradients into the momentum; leave the weights.

        A step at learning rate 0 is just that.
        """
        groups = self.optimizer.param_groups
        self._absorbed += [(p, group) for group in groups
                           for p in group['params'] if p.grad is not None]
        rates = [group['lr'] for group in groups]
        for group in groups:
            group['lr'] = 0.0
        self.optimizer.step()
        for group, rate in zip(groups, rates):
            group['lr'] = rate
        self.optimizer.zero_grad()

    @torch.no_grad()
    def step(self, **kwargs) -> None:
        """Move all weights whose gradients came since the last update."""
        self.absorb()
        for p, group in self._absorbed:
            momentum = self.optimizer.state[p]['momentum_buffer']
            p.add_(momentum, alpha=-group['lr'])
        self._absorbed.clear()
