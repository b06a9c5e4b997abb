"""X-Learner++: hints for the sub-backbones (paper Sec. 3.4, Fig. 3b).

Shapes: images of one source are (N, 3, H, W); features of stage i are
(N, C_i, H_i, W_i), the teacher's with channels of their own.
"""
from collections.abc import Callable, Mapping, Sequence

import torch
from mmengine.model import BaseModule, ModuleDict
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from ..backbones.backbone_weights import (PLAIN_PREFIXES, load_backbone,
                                          read_state)
from .hint_stages import StageOutput, hinted_outputs

Features = tuple[Tensor, ...]


@MODELS.register_module()
class PreDistillation(BaseModule):
    """Hints from single-task single-source teachers, one per source.

    Each E^t also matches the features of its sources' teachers, as Eq. 3 and
    4 have it for the student: ||F_n - G_n(E^t)||^2, G_n a guidance layer of
    the source's own. Ours, where the paper is silent: a teacher is asked on
    the images of its own source, which are those it was trained on, and which
    costs one of its passes per image; a hint counts as part of its source's
    loss, so Eq. 1's mean over the sources holds.

    The teachers are frozen: evaluation mode, no autograd. They are no
    submodules: neither a checkpoint, nor the optimizer, nor `train()`
    reaches them. :meth:`init_weights` reads them from their files, so a run
    that resumes needs the files too.

    Args:
        teachers: Config of each source's teacher, an upstream ResNet of any
            depth and width: `{source: dict(type='mmpretrain.ResNet', ...,
            init_cfg=dict(type='Pretrained', checkpoint=FILE))}`. The file is
            a run of :class:`HardSharingModel` on this source, an exported
            one, or any plain ResNet. Every source needs one; None leaves a
            source without hint.
        students: E^t of each source, `{source: module}`; not kept.
        hint_stages: Stages 0..3 whose features are matched. Ours: the last.
        guidance: Config of G_n, see :class:`GuidanceLayer`.
        hint: Config of the loss, see :class:`HintLoss`. Ours: the mean over
            the channels, unlike the squeeze; their sum outweighs the labels
            (on the demo ten times, and the backbone transfers worse).
        init_cfg: Initialisation of the guidance layers.

    Raises:
        UserError: The teachers are not those of the sources, one has no
            checkpoint, or a network does not put out the hint stages.
    """

    def __init__(self,
                 teachers: Mapping[str, dict | None],
                 students: Mapping[str, nn.Module],
                 hint_stages: Sequence[int] = (3, ),
                 guidance: dict = dict(type='GuidanceLayer'),
                 hint: dict = dict(type='HintLoss', reduction='mean'),
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        _check_teachers(teachers, students)
        if not hint_stages:
            raise UserError('pre_distillation: hint_stages is empty; give '
                            'some of 0..3, e.g. (3, )')
        self.hint_stages = tuple(hint_stages)
        self.hint = MODELS.build(hint)
        self._loaded = False
        self._files: dict[str, str] = {}
        self._teachers: dict[str, nn.Module] = {}
        self._outputs: dict[str, tuple[dict[int, StageOutput], ...]] = {}
        self.guidance = ModuleDict()
        for source, student in students.items():
            self.guidance[source] = ModuleDict()
            if teachers[source] is not None:
                self._add(source, dict(teachers[source]), student, guidance)

    def _add(self, source: str, teacher: dict, student: nn.Module,
             guidance: dict) -> None:
        """Build the teacher of a source and its guidance layers."""
        self._files[source] = teacher.pop('init_cfg')['checkpoint']
        net = MODELS.build(teacher)
        net.requires_grad_(False)
        net.eval()  # whose result is None in mmpretrain
        self._teachers[source] = net
        own, theirs = self._outputs[source] = tuple(
            hinted_outputs(n, self.hint_stages, label)
            for n, label in ((student, f'sub-backbone of {source}'),
                             (net, f'teacher of {source}')))
        for i in self.hint_stages:
            self.guidance[source][str(i)] = MODELS.build(
                dict(
                    guidance,
                    in_channels=own[i].channels,
                    out_channels=theirs[i].channels))

    @property
    def files(self) -> dict[str, str]:
        """The teachers' checkpoints by source."""
        return dict(self._files)

    @property
    def teachers(self) -> dict[str, nn.Module]:
        """The frozen teachers by source."""
        return dict(self._teachers)

    def init_weights(self) -> None:
        """Initialise the guidance layers and load the teachers.

        Raises:
            UserError: A checkpoint is missing or does not fit its teacher.
        """
        super().init_weights()
        for source in self._files:
            self.load_teacher(source)
        self._loaded = True

    def load_teacher(self, source: str) -> None:
        """Load the teacher of one source.

        Raises:
            UserError: Its checkpoint is missing or does not fit.
        """
        file = self._files[source]
        load_backbone(
            self._teachers[source], read_state(file), PLAIN_PREFIXES,
            f"pre_distillation: {file} does not fit the teacher of source "
            f"'{source}'")

    def forward(self, source: str, x: Tensor,
                feats: Features) -> dict[str, Tensor]:
        """Compute the hint losses of one source.

        Args:
            source: Its name.
            x: Its images, (N, 3, H, W), normalised.
            feats: E^t of these images, each (N, C_i, H_i, W_i).

        Returns:
            'pre_hint_loss', or 'pre_hint_loss_<i>' for each of several hint
            stages; nothing for a source without teacher.

        Raises:
            RuntimeError: The teachers were not loaded.
        """
        if not self._loaded:
            raise RuntimeError('the teachers are random: call init_weights()')
        losses: dict[str, Tensor] = {}
        if source not in self._teachers:
            return losses
        with torch.no_grad():
            targets = self._teachers[source](x)
        own, theirs = self._outputs[source]
        for i in self.hint_stages:
            target = targets[theirs[i].position]
            guided = self.guidance[source][str(i)](feats[own[i].position],
                                                   target.shape[-2:])
            suffix = f'_{i}' if len(self.hint_stages) > 1 else ''
            losses[f'pre_hint_loss{suffix}'] = self.hint(guided, target)
        return losses

    def _apply(self, fn: Callable, *args, **kwargs) -> 'PreDistillation':
        """Let the teachers follow to another device or precision."""
        for net in self._teachers.values():
            net._apply(fn, *args, **kwargs)
        return super()._apply(fn, *args, **kwargs)


def _check_teachers(teachers: Mapping[str, dict | None],
                    sources: Mapping[str, nn.Module]) -> None:
    """Refuse teachers of unknown sources, and sources without teacher."""
    unknown = sorted(set(teachers) - set(sources))
    if unknown:
        raise UserError(f'pre_distillation: teachers names {unknown}, which '
                        f'are not among the sources {list(sources)}')
    lacking = [source for source in sources if source not in teachers]
    if lacking:
        raise UserError(
            f'pre_distillation: the sources {lacking} have no teacher; give '
            'each one, or None to leave it without hint')
    for source, teacher in teachers.items():
        if teacher and not (teacher.get('init_cfg') or {}).get('checkpoint'):
            raise UserError(
                f"pre_distillation: the teacher of source '{source}' has no "
                f'checkpoint: set model.pre_distillation.teachers.{source}.'
                'init_cfg.checkpoint to a run on this source alone')
