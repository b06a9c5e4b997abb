"""Time a joint iteration in one of several processes."""
import os
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from time import perf_counter

import torch
import torch.distributed as dist
from mmengine.model import MMDistributedDataParallel
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import \
    allreduce_hook
from torch.futures import Future
from torch.nn.parallel import DistributedDataParallel

from ..models.algorithms import PerTaskDataParallel, ShardedDataParallel
from ..registry import MODELS
from . import step_inputs
from .benchmarking import synchronize
from .step_bound import FUSE_STAGES
from .upstream_parts import sgd


class ParallelStep:
    """A joint iteration in this process, one of W that a launcher started.

    Without a launcher there is one, and nothing is reduced.

    Args:
        depth: That of the ResNets.
        num_tasks: T.
        image_size: Side of the images, in pixels.
        batch_size: Images per task and process.
        way: 'joint' or 'per_task', see `backward` of :class:`ExpansionModel`,
            or 'sharded', see :class:`ShardedDataParallel`.
        kind: 'cpu' or 'cuda'. Each process has a core, or a GPU, of its own.
    """

    def __init__(self, depth: int, num_tasks: int, image_size: int,
                 batch_size: int, way: str, kind: str) -> None:
        self.rank = int(os.environ.get('LOCAL_RANK', 0))
        self.device = torch.device(kind, self.rank if kind == 'cuda' else None)
        torch.set_num_threads(1)
        if kind == 'cuda':
            torch.cuda.set_device(self.device)
        else:
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {cores[self.rank % len(cores)]})
        sources = step_inputs.sources(depth, num_tasks, image_size, batch_size)
        self.data = dict(
            step_inputs.random_batch(sources, image_size), phase='joint')
        self.model = MODELS.build(
            dict(
                type='ExpansionModel',
                backbone=dict(
                    type='ExpandedResNet',
                    sub_backbone=step_inputs.sub_backbone(depth),
                    reconciliation=dict(
                        type='BottomUpReconciliation',
                        fuse_stages=FUSE_STAGES)),
                sources=sources,
                backward='per_task' if way == 'per_task' else 'joint')).to(
                    self.device).train()
        self.optimizer = sgd(self.model)
        self.reduced = 0  # elements of gradients, since the start
        self.parts: Sequence[DistributedDataParallel] = ()
        if 'RANK' in os.environ:
            dist.init_process_group('nccl' if kind == 'cuda' else 'gloo')
            self._wrap(way)

    def _wrap(self, way: str) -> None:
        """Wrap the model as a run would, and count what DDP reduces."""
        if way == 'sharded':
            self.model = ShardedDataParallel(self.model)
            self.model.shard(self.optimizer)
        elif way == 'per_task':
            self.model = PerTaskDataParallel(self.model)
            self.parts = self.model.parts
        else:
            self.model = MMDistributedDataParallel(
                self.model, broadcast_buffers=False)
            self.parts = (self.model, )
        for part in self.parts:
            part.register_comm_hook(None, self._reduce)

    def _reduce(self, group: object,
                bucket: dist.GradBucket) -> Future[torch.Tensor]:
        """Average a bucket over the processes, as DDP does by itself."""
        self.reduced += bucket.buffer().numel()
        return allreduce_hook(group, bucket)

    def seconds(self, repeats: int, reduce: bool) -> list[float]:
        """Time steps; the processes begin each together.

        Args:
            repeats: How many.
            reduce: Whether gradients are averaged over the processes.
        """
        values = []
        for _ in range(repeats):
            synchronize(self.device)
            if dist.is_initialized():
                dist.barrier()
            start = perf_counter()
            with ExitStack() as stack:
                for part in () if reduce else self.parts:
                    stack.enter_context(part.no_sync())
                self.model.train_step(self.data, self.optimizer)
            synchronize(self.device)
            values.append(perf_counter() - start)
        return values

    def measure(self, repeats: int, warm_up: int) -> dict[str, float]:
        """Time steps with and without the all-reduce, in turn.

        Returns:
            Medians in seconds, 'step' and, under DDP alone, 'compute';
            'reduced': how often DDP reduced each trained parameter's gradient
            in a step; 'held': how many parameters this process holds.
        """
        self.seconds(warm_up, True)
        self.reduced = 0
        laps: dict[str, list[float]] = dict(step=[], compute=[])
        for _ in range(repeats):
            laps['step'] += self.seconds(1, True)
            if self.parts:
                laps['compute'] += self.seconds(1, False)
        size = sum(p.numel() for p in self.model.parameters())
        return dict(
            {
                name: median(values)
                for name, values in laps.items() if values
            },
            reduced=self.reduced / size / repeats,
            held=size)
