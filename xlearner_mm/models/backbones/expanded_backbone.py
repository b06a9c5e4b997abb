"""The expanded backbone where upstream's models expect a backbone.

Shapes: x is (N, 3, H, W); output stage i of task t is (N, C_i^t, H_i, W_i).
"""
from collections.abc import Iterator, Mapping, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from ..necks import FeatureSpec
from .expanded_resnet import ExpandedResNet


@MODELS.register_module()
class ExpandedBackbone(BaseModule):
    """Backbone of a stock mmdet, mmseg or mmpretrain model.

    What ends X-Learner_r and X-Learner_p, networks that no plain ResNet can
    hold. `backbone(x)` gives the fused features F^t of the tasks asked for,
    one stage after the other, those of several tasks concatenated along
    channels.

    In fine-tuning, E^t and the gammas into t learn, for each t of
    `out_tasks`. The gammas' inputs are detached (paper Sec. 3.2), so the
    other sub-backbones get no gradient: they are frozen, their BatchNorm in
    evaluation mode; a distributed wrapper finds no unused parameter.
    `frozen_stages`, `norm_eval` and the like are given as for a plain ResNet,
    and reach every sub-backbone.

    Args:
        network: Config of an :class:`ExpandedResNet` or
            :class:`PrunedExpandedResNet`, with its `tasks`.
        out_tasks: The tasks whose features are put out, in this order; None:
            all of the network's.
        init_cfg: Initialisation of the network, e.g. `dict(type='Pretrained',
            prefix='backbone.', checkpoint=...)` with a checkpoint of the
            expansion stage or of pruning.
        **options: Options of the upstream ResNets, e.g. `frozen_stages`,
            `norm_eval`, `out_indices`, in place of those in
            `network['sub_backbone']`.

    Raises:
        UserError: The network has no such task, or the tasks' stages cannot
            be concatenated.

    Attributes:
        feature_specs: Channels and stride of each output, in order.
        out_channels: Their channels, for the `in_channels` of a neck.

    Example:
        >>> import torch
        >>> from xlearner_mm.models import ExpandedBackbone
        >>> network = dict(
        ...     type='ExpandedResNet', tasks=['cls', 'det'],
        ...     sub_backbone=dict(type='mmpretrain.ResNet', depth=18,
        ...                       out_indices=(2, 3)))
        >>> net = ExpandedBackbone(network)
        >>> net.out_channels, [f.shape[1] for f in net(torch.rand(2, 3, 9, 9))]
        ((512, 1024), [512, 1024])
    """

    def __init__(self,
                 network: Mapping,
                 out_tasks: Sequence[str] | None = None,
                 init_cfg: dict | None = None,
                 **options: object) -> None:
        super().__init__()
        if 'tasks' not in network:
            raise UserError('ExpandedBackbone: network needs tasks=[...], '
                            'those it was trained with, in their order')
        cfg = dict(
            network,
            sub_backbone=_with_options(network['sub_backbone'], options),
            _scope_='xlearner_mm')
        if init_cfg is not None:
            cfg['init_cfg'] = init_cfg
        self.network: ExpandedResNet = MODELS.build(cfg)
        self.out_tasks = tuple(self.network.tasks if out_tasks is
                               None else out_tasks)
        unknown = sorted(set(self.out_tasks) - set(self.network.tasks))
        if unknown or not self.out_tasks:
            raise UserError(
                f'out_tasks={list(self.out_tasks)}: give some of the tasks '
                f'{list(self.network.tasks)} of the network')
        self.feature_specs = self._specs()
        self.out_channels = tuple(s.channels for s in self.feature_specs)
        for part in self._unused():
            part.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the features of images.

        Args:
            x: Images, (N, 3, H, W).

        Returns:
            One (N, sum of C_i^t, H_i, W_i) per output stage.
        """
        tasks = [self.network(x, task) for task in self.out_tasks]
        return tuple(torch.cat(stage, 1) for stage in zip(*tasks))

    def train(self, mode: bool = True) -> 'ExpandedBackbone':
        """Switch the mode of what learns; the rest stays in evaluation."""
        super().train(mode)
        for part in self._unused():
            part.eval()
        return self

    def _unused(self) -> Iterator[nn.Module]:
        """Yield foreign sub-backbones, and gammas into foreign tasks."""
        for task, net in self.network.sub_backbones.items():
            if task not in self.out_tasks:
                yield net
        join = self.network.reconciliation
        for edge in join.edges if join is not None else ():
            if edge.dst_task not in self.out_tasks:
                yield join.layers[edge.key]

    def _specs(self) -> tuple[FeatureSpec, ...]:
        specs = {
            task: [
                self.network.feature_specs[task][i]
                for i in self.network.out_stages[task]
            ]
            for task in self.out_tasks
        }
        strides = {t: [s.stride for s in found] for t, found in specs.items()}
        if len(set(map(tuple, strides.values()))) > 1:
            raise UserError(
                'features of several tasks are concatenated stage by stage, '
                f'but the strides of their outputs differ: {strides}; name '
                'one task in out_tasks')
        return tuple(
            FeatureSpec(sum(s.channels for s in stage), stage[0].stride)
            for stage in zip(*specs.values()))


def _with_options(sub_backbone: Mapping, options: Mapping) -> dict:
    """Set options of one ResNet config for all tasks, or of each task's."""
    if 'type' in sub_backbone:
        return dict(sub_backbone, **options)
    return {task: dict(cfg, **options) for task, cfg in sub_backbone.items()}
