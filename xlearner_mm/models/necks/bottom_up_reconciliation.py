"""All reconciliation layers of an expanded backbone (paper Eq. 2).

Shapes: N images; C_i x H_i x W_i the feature of stage i in 0..3.
"""
from collections.abc import Mapping, Sequence
from math import log2
from typing import NamedTuple

from mmengine.model import BaseModule, ModuleDict
from torch import Tensor

from ...errors import UserError
from ...registry import MODELS
from .reconciliation_layer import ReconciliationLayer


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


@MODELS.register_module()
class BottomUpReconciliation(BaseModule):
    """F_i^t = E_i^t + sum_{k != t} sum_{j <= i} gamma(E_j^k) (paper Eq. 2).

    Args:
        specs: Channels and stride of each stage of each task's sub-backbone,
            `{task: [FeatureSpec, ...]}`.
        fuse_stages: Stages i (and j) that are joined, 0..3. Ours: the first
            three; with the fourth one directed pair of a ResNet-50 costs more
            than a ResNet-50.
        feed_forward: Whether the next stage reads F_i^t (default) or E_i^t,
            so that heads alone see the fused features.
        down_sampling, norm_cfg: See :class:`ReconciliationLayer`.

    Raises:
        UserError: `fuse_stages` is empty or names a stage that is not there.
    """

    def __init__(
        self,
        specs: Mapping[str, Sequence[FeatureSpec]],
        fuse_stages: Sequence[int] = (0, 1, 2),
        feed_forward: bool = True,
        down_sampling: str = 'literal',
        norm_cfg: dict = dict(type='BN')) -> None:
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
            ReconciliationLayer(
                *self._shape(specs, edge),
                down_sampling=down_sampling,
                norm_cfg=norm_cfg)
            for edge in self.edges
        })

    @staticmethod
    def topology(tasks: Sequence[str],
                 fuse_stages: Sequence[int]) -> list[Edge]:
        """List the edges: from each stage to the same or a deeper one."""
        return [
            Edge(src, j, dst, i) for dst in tasks for i in fuse_stages
            for src in tasks if src != dst for j in fuse_stages if j <= i
        ]

    @staticmethod
    def _shape(specs: Mapping[str, Sequence[FeatureSpec]],
               edge: Edge) -> tuple[int, int, int]:
        src = specs[edge.src_task][edge.src_stage]
        dst = specs[edge.dst_task][edge.dst_stage]
        num_down = max(0, round(log2(dst.stride / src.stride)))
        return src.channels, dst.channels, num_down

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
