"""The expanded backbone of the paper (Sec. 3.2, Fig. 2).

Shapes: x is (N, 3, H, W); stage i in 0..3 (ResNet's layer1..layer4) puts out
(N, C_i, H_i, W_i). E: un-fused features, F: fused ones.
"""
from collections.abc import Mapping, Sequence

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule, ModuleDict
from torch import Size, Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from ...sources import check_name
from ..necks import FeatureSpec
from .families import family_of
from .trial import frozen_pass, spec_of, trial_image


@MODELS.register_module()
class ExpandedResNet(BaseModule):
    """T sub-backbones E^t joined by reconciliation layers gamma (Eq. 2).

    The sub-backbones are upstream ResNets, of any depth, width and dilation,
    or backbones of another known family, see `families.py`.
    For the images of task t, the other sub-backbones run un-fused, without
    gradient, on their running statistics, up to the last fused stage.

    Ours: BatchNorm of a sub-backbone sees its own task's images alone,
    foreign images would pollute its statistics.

    Args:
        tasks: Names of the tasks, in order.
        sub_backbone: Config of an upstream backbone for all tasks, or one
            per task: `dict(cls=dict(type=...), det=dict(type=...))`. Mind
            `norm_eval`, which is True in mmdet and False in mmpretrain.
        reconciliation: Config of the gammas, e.g.
            `dict(type='BottomUpReconciliation')`; None leaves the
            sub-backbones apart (X-Learner w/o Rec.), and then a checkpoint
            may have more tasks than are loaded.
        init_cfg: Initialisation, e.g. of a whole trained expanded backbone.

    Raises:
        UserError: No task, an illegal name, a task without sub-backbone, or
            one of an unknown family.

    Attributes:
        feature_specs: `{t: channels and stride of each stage of E^t}`.
        out_stages: `{t: the stages that E^t puts out}`.

    Example:
        >>> import torch
        >>> from xlearner_mm.models import ExpandedResNet
        >>> net = ExpandedResNet(
        ...     ['cls', 'det'],
        ...     dict(type='mmpretrain.ResNet', depth=18,
        ...          out_indices=(0, 1, 2, 3)),
        ...     dict(type='BottomUpReconciliation'))
        >>> [tuple(f.shape) for f in net(torch.rand(1, 3, 64, 64), 'det')]
        [(1, 64, 16, 16), (1, 128, 8, 8), (1, 256, 4, 4), (1, 512, 2, 2)]
    """

    def __init__(self,
                 tasks: Sequence[str],
                 sub_backbone: dict,
                 reconciliation: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.tasks = tuple(tasks)
        if not self.tasks:
            raise UserError('ExpandedResNet needs at least one task')
        shared = 'type' in sub_backbone
        for task in self.tasks:
            check_name('task', task)
            if not shared and task not in sub_backbone:
                raise UserError(f"task '{task}' has no sub-backbone; "
                                f'sub_backbone names {sorted(sub_backbone)}')
        self.sub_backbones = ModuleDict({
            task:
            MODELS.build(sub_backbone if shared else sub_backbone[task])
            for task in self.tasks
        })
        self.feature_specs = {
            task: probe_stages(net)
            for task, net in self.sub_backbones.items()
        }
        self.out_stages = {
            task: family_of(net).out_stages(net)
            for task, net in self.sub_backbones.items()
        }
        self.reconciliation = None
        if reconciliation is not None and len(self.tasks) > 1:
            self.reconciliation = MODELS.build(
                dict(reconciliation, specs=self.feature_specs))
            self._check_reach()

    def forward(self,
                x: Tensor,
                task: str,
                fuse: bool = True) -> tuple[Tensor, ...]:
        """Compute the features of one task's images.

        Args:
            x: Images, (N, 3, H, W).
            task: t.
            fuse: Whether the gammas take part (phase 2 of Algorithm 1).

        Returns:
            F_i^t for the `out_stages` of the task's sub-backbone, each
            (N, C_i, H_i, W_i); E_i^t where `fuse` is False.
        """
        net = self.sub_backbones[task]
        if self.reconciliation is None or not fuse:
            return net(x)
        foreign = {
            other: self.unfused(other, x)
            for other in self.tasks if other != task
        }
        family = family_of(net)
        return self._fused(task, [family.stage(net, 0, family.stem(net, x))],
                           foreign)

    def forward_all(self, x: Tensor) -> dict[str, tuple[Tensor, ...]]:
        """Compute every task's features of the same images.

        What is the same for all tasks runs once: the un-fused passes, which
        also hold each task's own features before the first join. For a
        frozen teacher; in training the two differ in their BatchNorm.

        Args:
            x: Images, (N, 3, H, W).

        Returns:
            `{t: features of t}`, as :meth:`forward` gives them.

        Raises:
            RuntimeError: The network is in training mode.
        """
        if self.training:
            raise RuntimeError('forward_all shares evaluation-mode passes; '
                               'call eval() first')
        if self.reconciliation is None:
            return {t: net(x) for t, net in self.sub_backbones.items()}
        shared = self.reconciliation.fuse_stages[0] + 1
        unfused = {task: self.unfused(task, x) for task in self.tasks}
        return {
            task: self._fused(task, unfused[task][:shared], unfused)
            for task in self.tasks
        }

    def _fused(self, task: str, own: list[Tensor],
               foreign: dict[str, list[Tensor]]) -> tuple[Tensor, ...]:
        """Go on from the features `own`, E_0..E_m, un-fused so far."""
        net, join = self.sub_backbones[task], self.reconciliation
        family = family_of(net)
        outs: list[Tensor] = []
        feature = own[0]
        for i in range(family.num_stages(net)):
            feature = own[i] if i < len(own) else family.stage(net, i, feature)
            fused = join(feature, task, i, foreign)
            outs.append(fused)
            feature = fused if join.feed_forward else feature
        return tuple(
            family.output(net, i, outs[i]) for i in self.out_stages[task])

    def unfused(self, task: str, x: Tensor) -> list[Tensor]:
        """Run E^k by itself, as the gammas read it.

        Args:
            task: k.
            x: Images of any task, (N, 3, H, W).

        Returns:
            E_0^k..E_m^k, m the last fused stage; without gradient, from
            running statistics, which stay as they are.
        """
        net = self.sub_backbones[task]
        family = family_of(net)
        with frozen_pass(net):
            outs = [family.stage(net, 0, family.stem(net, x))]
            for i in range(1, self.reconciliation.fuse_stages[-1] + 1):
                outs.append(family.stage(net, i, outs[-1]))
        return outs

    def _check_reach(self) -> None:
        join = self.reconciliation
        for task, read in self.out_stages.items():
            if not join.feed_forward and not (set(read)
                                              & set(join.fuse_stages)):
                raise UserError(
                    f"feed_forward=False: of task '{task}' only the stages "
                    f'{join.fuse_stages} are fused, but its heads read '
                    f'{read}: the gammas would have no '
                    'effect; fuse a stage that the heads read')

    def _load_from_state_dict(self, state_dict: dict, prefix: str,
                              *args) -> None:
        """Refuse a checkpoint of another topology, which would half load."""
        self._leave_out_other_tasks(state_dict, prefix)
        given = {
            k[len(prefix):]: v.shape
            for k, v in state_dict.items() if k.startswith(prefix)
        }
        expected = {k: v.shape for k, v in self.state_dict().items()}
        if given != expected:
            raise UserError(
                'the checkpoint holds another expanded backbone than the '
                f'config (tasks {list(self.tasks)}): missing '
                f'{_abridged(set(expected) - set(given))}, not expected '
                f'{_abridged(set(given) - set(expected))}, of another shape '
                f'{_reshaped(given, expected)}; give the type, tasks, '
                'sub_backbone (depth, width) and reconciliation it was '
                'trained with')
        super()._load_from_state_dict(state_dict, prefix, *args)

    def _leave_out_other_tasks(self, state_dict: dict, prefix: str) -> None:
        """Take some tasks out of a backbone without gammas.

        Its sub-backbones know nothing of each other, so each is whole by
        itself. With gammas, they were trained on each other's features.
        """
        if any(k.startswith(f'{prefix}reconciliation.') for k in state_dict):
            return
        root, left_out = f'{prefix}sub_backbones.', set()
        for key in [k for k in state_dict if k.startswith(root)]:
            task = key[len(root):].split('.')[0]
            if task not in self.tasks:
                left_out.add(task)
                del state_dict[key]
        if left_out:
            print_log(
                f'the checkpoint has more tasks than {list(self.tasks)}; left '
                f'out: {sorted(left_out)}', 'current')


def probe_stages(net: nn.Module) -> list[FeatureSpec]:
    """Find channels and strides of a backbone's stages by running it.

    Args:
        net: An upstream backbone of a known family.

    Raises:
        UserError: The family is unknown, or its stem and stages put out
            something else than the network.
    """
    family, x = family_of(net), trial_image(net)
    num_stages = family.num_stages(net)
    with frozen_pass(net):
        plain = net(x)
        stages = [family.stage(net, 0, family.stem(net, x))]
        for i in range(1, num_stages):
            stages.append(family.stage(net, i, stages[-1]))
        outs = [
            family.output(net, i, stages[i]) for i in family.out_stages(net)
        ]
    for out in plain:
        spec_of(net, out)  # refuses what is no map
    if not _alike(plain, outs):
        raise UserError(
            f'{type(net).__name__} is no {type(family).__name__}: run one by '
            'one, its stem and stages put out something else than the '
            'network; register_family() takes one that fits')
    return [spec_of(net, out) for out in stages]


def _alike(some: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    """Compare features; on the meta device, which has no values, shapes."""
    return [f.shape for f in some] == [f.shape for f in others] and all(
        one.is_meta or torch.allclose(one, two, equal_nan=True)
        for one, two in zip(some, others))


def _reshaped(given: Mapping[str, Size], expected: Mapping[str, Size]) -> str:
    """Count the entries of another shape; give both of the first."""
    keys = [k for k in expected if given.get(k, expected[k]) != expected[k]]
    if not keys:
        return 'nothing'
    return (f'{len(keys)}, e.g. {keys[0]} (in the file: '
            f'{tuple(given[keys[0]])}, in the config: '
            f'{tuple(expected[keys[0]])})')


def _abridged(keys: set[str], most: int = 4) -> str:
    names = sorted(keys)
    more = f' and {len(names) - most} more' if len(names) > most else ''
    return f'{names[:most]}{more}' if names else 'nothing'
