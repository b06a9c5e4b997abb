"""The squeeze stage of the paper (Sec. 3.3, Eq. 3 and 4).

Shapes: images of one source are (N, 3, H, W); teacher and student features
of stage i are (N, C_i, H_i, W_i), with channels of their own.
"""
from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseModel, ModuleDict
from torch import Tensor

from ...errors import UserError
from ...registry import MODELS
from ...sources import parse_sources, tasks_of
from ..backbones.backbone_weights import check_is_there
from ..backbones.trial import untrained
from ..distillers import hinted_outputs

Features = tuple[Tensor, ...]


@MODELS.register_module()
class SqueezeDistiller(BaseModel):
    """Distil the expanded backbone into one student (FitNets, T hints).

    L = sum_t ||F^t - G^t(F-hat)||^2 on every source's images, without labels
    and heads. The teacher is frozen: evaluation mode, no autograd. Ours:
    the mean over the sources (the paper does not say).

    Args:
        teacher: Config of the trained :class:`ExpandedResNet`; its
            `init_cfg` names the checkpoint; it gets its `tasks` from the
            sources. Its sub-backbones must put out the hint stages.
        student: Config of an upstream backbone that puts out feature maps
            at strides of 4, 8, 16, 32, those of the hint stages.
        sources: Configs of the sources; of each one's `model`, only the
            `data_preprocessor` is built.
        hint_stages: Stages 0..3 whose features are matched. Ours: the last.
        start_from: Task of the teacher whose sub-backbone the student starts
            from, which must be a network like the student; None: the
            student's own initialisation. The paper does not say.
        merge: Whether all sources go through the networks as one batch; their
            images must then have one size. BatchNorm sees the difference.
        guidance: Config of G^t, see :class:`GuidanceLayer`.
        hint: Config of the loss, see :class:`HintLoss`.
        init_cfg: Initialisation of the whole model.

    Raises:
        UserError: The teacher has no checkpoint, a network does not put out
            the hint stages, they leave parts of the student untrained, or it
            cannot start from the sub-backbone.
    """

    def __init__(self,
                 teacher: dict,
                 student: dict,
                 sources: Sequence[dict],
                 tasks: Sequence[str] | None = None,
                 hint_stages: Sequence[int] = (3, ),
                 start_from: str | None = None,
                 merge: bool = False,
                 guidance: dict = dict(type='GuidanceLayer'),
                 hint: dict = dict(type='HintLoss'),
                 data_preprocessor: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        parsed = parse_sources(sources)
        if not (teacher.get('init_cfg') or {}).get('checkpoint'):
            raise UserError(
                'the squeeze needs a trained teacher: set '
                'model.teacher.init_cfg.checkpoint to a checkpoint of the '
                'expansion stage, e.g. --cfg-options model.teacher.init_cfg.'
                'checkpoint=work_dirs/<expansion>/iter_<K>.pth')
        super().__init__(
            MODELS.build(
                dict(
                    data_preprocessor
                    or dict(type='MultiTaskDataPreprocessor'),
                    preprocessors={
                        s.name:
                        s.build(MODELS, s.model.get('data_preprocessor'),
                                'data_preprocessor')
                        for s in parsed
                    })), init_cfg)
        self.merge = merge
        self.hint_stages = tuple(hint_stages)
        tasks = list(tasks or tasks_of(parsed))
        self.teacher = MODELS.build(dict(teacher, tasks=tasks))
        self.teacher.requires_grad_(False).eval()
        self.student = MODELS.build(student)
        self.start_from = start_from
        self._check_start()
        self._outputs = {
            name: hinted_outputs(net, self.hint_stages, name)
            for name, net in (('student', self.student),
                              *self.teacher.sub_backbones.items())
        }
        self._check_reach()
        layers = {
            f'{task}_{i}':
            MODELS.build(
                dict(
                    guidance,
                    in_channels=self._outputs['student'][i].channels,
                    out_channels=self._outputs[task][i].channels))
            for task in tasks
            for i in self.hint_stages
        }
        self.guidance = ModuleDict(layers)
        self.hint = MODELS.build(hint)

    def init_weights(self) -> None:
        """Load the teacher; let the student start from it if asked.

        Raises:
            UserError: The teacher's file is missing or holds another network.
        """
        file = self.teacher.init_cfg['checkpoint']
        check_is_there(file)
        try:
            super().init_weights()
        except UserError as error:
            raise UserError(
                f'model.teacher.init_cfg.checkpoint={file}: {error}'
            ) from error
        if self.start_from is not None:
            self.student.load_state_dict(
                self.teacher.sub_backbones[self.start_from].state_dict())

    def train(self, mode: bool = True) -> 'SqueezeDistiller':
        """Switch the student's mode; the teacher stays in evaluation mode."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self,
                inputs: Mapping[str, Tensor],
                data_samples: Mapping[str, list] | None = None,
                mode: str = 'tensor') -> dict:
        """Compute the hint losses, or the student's features.

        Args:
            inputs: Images per source, each (N, 3, H, W), normalised.
            data_samples: Not read: the squeeze needs no labels.
            mode: 'loss', or 'tensor' / 'predict' for features.

        Returns:
            mode 'loss': '<source>.<task>_hint_loss' (one per hint stage,
            numbered, where there are several) and 'loss', their sum over
            tasks and mean over sources; else the student's features per
            source.
        """
        groups = ([list(inputs)] if self.merge else [[name]
                                                     for name in inputs])
        losses: dict[str, Tensor] = {}
        features: dict[str, Features] = {}
        for names in groups:
            x = self._gather(inputs, names)
            sizes = [len(inputs[name]) for name in names]
            student = self.student(x)
            split = zip(*(f.split(sizes) for f in student))
            features.update(zip(names, split))
            if mode == 'loss':
                losses.update(self._hints(x, student, names, sizes))
        if mode != 'loss':
            return features
        losses['loss'] = sum(losses.values()) / len(inputs)
        return losses

    def parse_losses(
            self, losses: dict[str,
                               Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return Eq. 3 averaged over the sources, and its terms."""
        return losses['loss'], losses

    def _check_reach(self) -> None:
        """Refuse a student of which a part would stay as it is."""
        hinted = [out.position for out in self._outputs['student'].values()]
        idle = untrained(self.student, hinted)
        if idle:
            raise UserError(
                f'hint_stages={self.hint_stages}: nothing would train '
                f'{len(idle)} parameters of the student, e.g. {idle[-1]}; '
                'its last stage must be among the hint_stages and its last '
                'layer among its out_indices, and each output that has '
                'parameters of its own hinted')

    def _check_start(self) -> None:
        """Refuse a start that does not fit the student."""
        if self.start_from is None:
            return
        if self.start_from not in self.teacher.sub_backbones:
            raise UserError(
                f'start_from={self.start_from!r}: the teacher has no such '
                f'task; choose from {list(self.teacher.sub_backbones)}')
        init_cfg = self.student.init_cfg
        if isinstance(init_cfg, dict) and init_cfg.get('checkpoint'):
            raise UserError(
                f'start_from={self.start_from!r} and the student\'s init_cfg '
                f'{init_cfg["checkpoint"]!r} both say how the student starts; '
                'drop one of them')
        start, student = ({
            name: tuple(value.shape)
            for name, value in net.state_dict().items()
        } for net in (self.teacher.sub_backbones[self.start_from],
                      self.student))
        for name in {**student, **start}:
            if student.get(name) != start.get(name):
                raise UserError(
                    f'start_from={self.start_from!r}: {name} is '
                    f'{start.get(name)} in the sub-backbone and '
                    f'{student.get(name)} in the student; give both one depth '
                    'and width, or set start_from=None')

    def _hints(self, x: Tensor, student: Features, names: Sequence[str],
               sizes: Sequence[int]) -> dict[str, Tensor]:
        """Compute each task's hint loss on each source's images."""
        with torch.no_grad():
            teacher = self.teacher.forward_all(x)
        losses = {}
        for task, feats in teacher.items():
            for i in self.hint_stages:
                target = feats[self._outputs[task][i].position]
                guided = self.guidance[f'{task}_{i}'](
                    student[self._outputs['student'][i].position],
                    target.shape[-2:])
                suffix = f'_{i}' if len(self.hint_stages) > 1 else ''
                for name, p, t in zip(names, guided.split(sizes),
                                      target.split(sizes)):
                    losses[f'{name}.{task}_hint_loss{suffix}'] = self.hint(
                        p, t)
        return losses

    @staticmethod
    def _gather(inputs: Mapping[str, Tensor], names: Sequence[str]) -> Tensor:
        shapes = {name: tuple(inputs[name].shape[-2:]) for name in names}
        if len(set(shapes.values())) > 1:
            raise UserError(f'merge=True, but the images differ in size: '
                            f'{shapes}; make the pipelines end in one size, '
                            'or set merge=False')
        return torch.cat([inputs[name] for name in names])
