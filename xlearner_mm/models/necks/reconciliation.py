"""What all ways to join sub-backbones share (paper Eq. 2).

Shapes: N images; C_i x H_i x W_i the feature of stage i in 0..3.
"""
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mmengine.model import BaseModule, ModuleDict
from torch import Tensor, nn

from ...errors import UserError


class FeatureSpec(NamedTuple):
    """What a stage puts out: its channels and its stride in pixels."""

    channels: int
    stride: int


class Edge(NamedTuple):
    """One gamma: from stage `src_stage` of one task to a stage of another."""

    src_task: str
    src_stage: int
    dst_task: str
    dst_stage: int

    @property
    def key(self) -> str:
        """Its name in the state dict."""
        return (f'{self.src_task}_{self.src_stage}_to_'
                f'{self.dst_task}_{self.dst_stage}')

    @classmethod
    def of_key(cls, key: str) -> 'Edge':
        """Return the edge that has a name."""
        src, dst = (end.rpartition('_') for end in key.split('_to_'))
        return cls(src[0], int(src[2]), dst[0], int(dst[2]))


class Reconciliation(BaseModule):
    """F_i^t = E_i^t + the sum of all gammas that lead to stage i of task t.

    A subclass says which stages are joined (:meth:`joins`) and what a gamma
    is.

    Args:
        specs: Channels and stride of each stage of each task's sub-backbone,
            `{task: [FeatureSpec, ...]}`.
        gamma: Makes a gamma from the specs of its source and its target.
        fuse_stages: Stages i (and j) that are joined, 0..3.
        feed_forward: Whether the next stage reads F_i^t or E_i^t.

    Raises:
        UserError: `fuse_stages` is empty or names a stage that is not there.
    """

    def __init__(self, specs: Mapping[str, Sequence[FeatureSpec]],
                 gamma: Callable[[FeatureSpec, FeatureSpec], nn.Module],
                 fuse_stages: Sequence[int], feed_forward: bool) -> None:
        super().__init__()
        depth = min(len(stages) for stages in specs.values())
        if not fuse_stages or not set(fuse_stages) <= set(range(depth)):
            raise UserError(f'fuse_stages={fuse_stages!r}; give some of the '
                            f'stages {list(range(depth))}')
        self.fuse_stages = tuple(sorted(set(fuse_stages)))
        self.feed_forward = feed_forward
        self.edges = self.topology(list(specs), self.fuse_stages)
        self.layers = ModuleDict({
            edge.key:
            gamma(specs[edge.src_task][edge.src_stage],
                  specs[edge.dst_task][edge.dst_stage])
            for edge in self.edges
        })

    @staticmethod
    def joins(src_stage: int, dst_stage: int) -> bool:
        """Tell whether stage j of a task leads to stage i of the others."""
        raise NotImplementedError

    @classmethod
    def topology(cls, tasks: Sequence[str],
                 fuse_stages: Sequence[int]) -> list[Edge]:
        """List the edges between all pairs of tasks."""
        return [
            Edge(src, j, dst, i) for dst in tasks for i in fuse_stages
            for src in tasks if src != dst for j in fuse_stages
            if cls.joins(j, i)
        ]

    def into(self, task: str) -> list[nn.Module]:
        """Return the gammas that lead to a task."""
        return [
            self.layers[edge.key] for edge in self.edges
            if edge.dst_task == task
        ]

    def forward(self, own: Tensor, task: str, stage_idx: int,
                foreign: Mapping[str, Sequence[Tensor]]) -> Tensor:
        """Fuse one stage of one task.

        Args:
            own: E_i^t, (N, C_i, H_i, W_i).
            task: t.
            stage_idx: i.
            foreign: Un-fused features E_j^k of the other tasks on the same
                images, `{k: [(N, C_j, H_j, W_j), ...]}`; detached.

        Returns:
            F_i^t, (N, C_i, H_i, W_i); `own` itself where nothing is joined.
        """
        for edge in self.edges:
            if (edge.dst_task, edge.dst_stage) == (task, stage_idx):
                feature = foreign[edge.src_task][edge.src_stage]
                own = own + self.layers[edge.key](feature, own.shape[-2:])
        return own
