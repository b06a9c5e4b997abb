"""Compare a joint iteration of ExpansionModel with the least it can cost."""
from functools import partial

import torch

from ..engine.optim_wrappers import AbsorbingOptimWrapper
from ..registry import MODELS
from . import step_inputs
from .benchmarking import compare, interleave, seconds
from .memory_use import memory_use
from .step_bound import StepBound
from .upstream_parts import FUSE_STAGES, sgd


class StepComparison:
    """A joint iteration and its bound, on the same batch.

    Args:
        depth: That of the ResNets.
        num_tasks: T, 2 to 4.
        image_size: Side of the images, in pixels.
        batch_size: Images per task.
        device: Where both compute.
    """

    def __init__(self, depth: int, num_tasks: int, image_size: int,
                 batch_size: int, device: torch.device) -> None:
        sources = step_inputs.sources(depth, num_tasks, image_size, batch_size)
        net = step_inputs.sub_backbone(depth)
        batch = step_inputs.random_batch(sources, image_size)
        join = dict(type='BottomUpReconciliation', fuse_stages=FUSE_STAGES)
        self.device = device
        self.bound = StepBound(sources, net, batch, device)
        self.model = MODELS.build(
            dict(
                type='ExpansionModel',
                backbone=dict(
                    type='ExpandedResNet',
                    sub_backbone=net,
                    reconciliation=join),
                sources=sources)).to(device).train()
        self._optimizer = sgd(self.model)
        self._data = dict(batch, phase='joint')

    def step(self) -> None:
        """Run one joint iteration of ours."""
        self.model.train_step(self._data, self._optimizer)

    def time(self, repeats: int, warm_up: int) -> dict:
        """Time both in turn.

        Returns:
            What :func:`compare` does, and 'seconds', the spread of each.
        """
        laps = interleave(
            dict(ours=self.step, bound=self.bound.step), repeats, warm_up,
            self.device)
        return dict(
            compare(laps['ours'], laps['bound']), seconds=seconds(laps))

    def memory(self) -> list[dict]:
        """Measure the peaks of a step, with one backward pass and with T.

        The parts of the limit are each upstream step's peak, and what each
        task's gammas save. One backward pass is held against their sum over
        the tasks, one for each task against the largest task's.

        Returns:
            For each 'backward', and for 'per_task, absorbed', which frees each
            task's gradients: 'ratio', 'peak' and 'limit' in bytes, and what
            they are 'against'.
        """
        limits = []
        self.bound.step()
        for name in self.bound.models:
            step, _ = memory_use(
                partial(self.bound.single_task_step, name), self.device)
            _, gammas = memory_use(partial(self.bound.fuse, name), self.device)
            limits.append(step + gammas)
        rows = []
        for backward, limit, against in (
            ('joint', sum(limits), 'peak / sum over the tasks'),
            ('per_task', max(limits), 'peak / largest task'),
            ('per_task, absorbed', max(limits), 'peak / largest task'),
        ):
            self.model.backward, *absorbed = backward.split(', ')
            if absorbed:
                self._optimizer = AbsorbingOptimWrapper(
                    self._optimizer.optimizer)
            self.step()  # the optimizer's state is there from now on
            peak, _ = memory_use(self.step, self.device)
            rows.append(
                dict(
                    backward=backward,
                    ratio=peak / limit,
                    peak=peak,
                    limit=limit,
                    against=against))
        return rows
