"""The student with the expansion's heads behind its guidance layers.

Shapes: images of one source are (N, 3, H, W); the student's feature of stage
i is (N, C_i, H_i, W_i), what G^t makes of it has the channels and the stride
of E^t at this stage.
"""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from mmengine.logging import print_log
from mmengine.model import ModuleDict
from torch import Tensor

from ...errors import UserError
from ...registry import MODELS
from ..backbones.backbone_weights import (PLAIN_PREFIXES, below, load_backbone,
                                          read_state)
from ..backbones.families import output_specs
from .multi_source_model import Features, MultiSourceModel
from .task_checkpoint import load_heads


@MODELS.register_module()
class GuidedStudentModel(MultiSourceModel):
    """One squeezed backbone that answers for every source.

    The squeeze (Eq. 3) makes G^t(F-hat) alike F^t, so the heads of the
    expansion can read it. Ours, the paper drops them: a short training on
    the sources' labels lets heads and guidance layers get used to what is
    left of the difference. The student is frozen meanwhile (no gradient,
    evaluation mode), so that the backbone is the very one that is exported.

    In mode 'predict', sources with the same input share a pass of the
    student.

    Args:
        student: Config of the squeezed network.
        sources: Configs of the sources, see :class:`Source`.
        sub_backbone: Config of E^t, which the heads were trained on, as
            :class:`ExpandedResNet` has it; None: like the student.
        squeeze: Checkpoint of the squeeze: the student, and those guidance
            layers that it trained; the others start fresh.
        expansion: Checkpoint of the expansion, for the heads.
        guided_stages: The stages 0..3 that the heads of a task read,
            `{task: stages}`; a task that is not named reads all that E^t
            puts out. What is not guided is handed over as the student has
            it, and should be read by no head.
        freeze_student: Whether the student stays as it is.
        guidance: Config of G^t, see :class:`GuidanceLayer`.
        **kwargs: See :class:`MultiSourceModel`.

    Raises:
        UserError: `guided_stages` names an unknown task or stage, or the
            student does not put out what the heads read.
    """

    def __init__(self,
                 student: dict,
                 sources: Sequence[dict],
                 sub_backbone: dict | None = None,
                 squeeze: str | None = None,
                 expansion: str | None = None,
                 guided_stages: Mapping[str, Sequence[int]] | None = None,
                 freeze_student: bool = True,
                 guidance: dict = dict(type='GuidanceLayer'),
                 **kwargs) -> None:
        super().__init__(sources, **kwargs)
        self.squeeze, self.expansion = squeeze, expansion
        self.freeze_student = freeze_student
        self.student = MODELS.build(student)
        if freeze_student:
            self.student.requires_grad_(False)
        self._student_specs = output_specs(self.student)
        self._shared: list[tuple[Tensor, Features]] | None = None
        self._out_stages: dict[str, tuple[int, ...]] = {}
        self._strides: dict[str, tuple[int, int]] = {}
        self.guidance = ModuleDict()
        unknown = sorted(set(guided_stages or {}) - set(self.tasks))
        if unknown:
            raise UserError(f'guided_stages names {unknown}, which are not '
                            f'among the tasks {list(self.tasks)}')
        for task in self.tasks:
            net = sub_backbone or student
            self._add_guidance(task, net if 'type' in net else net[task],
                               (guided_stages or {}).get(task), guidance)

    def _add_guidance(self, task: str, sub_backbone: dict,
                      stages: Sequence[int] | None, guidance: dict) -> None:
        """Build G^t for the stages that the heads of a task read."""
        with torch.random.fork_rng(devices=[]):  # E^t is only looked at
            net = MODELS.build(sub_backbone)
        own, theirs = self._student_specs, output_specs(net)
        self._out_stages[task] = tuple(theirs)
        stages = tuple(theirs) if stages is None else stages
        wanted = {*stages, *theirs}
        for label, there in ((f'E^{task}', theirs), ('the student', own)):
            if wanted - set(there):
                raise UserError(
                    f"the heads of task '{task}' are to read the stages "
                    f'{sorted(wanted)}, but {label} puts out {list(there)}; '
                    'change guided_stages or out_indices')
        for i in stages:
            self._strides[f'{task}_{i}'] = own[i].stride, theirs[i].stride
            self.guidance[f'{task}_{i}'] = MODELS.build(
                dict(
                    guidance,
                    in_channels=own[i].channels,
                    out_channels=theirs[i].channels))

    def init_weights(self) -> None:
        """Initialise, then load the checkpoints of the two stages.

        Raises:
            UserError: A checkpoint is missing or does not fit.
        """
        super().init_weights()
        if self.squeeze is not None:
            self.load_squeeze()
        if self.expansion is not None:
            self.load_expansion()

    def load_squeeze(self) -> None:
        """Load the student, and the guidance layers that the file has."""
        state = read_state(self.squeeze)
        load_backbone(
            self.student, state, PLAIN_PREFIXES,
            f'model.squeeze: {self.squeeze} does not fit the student')
        fresh = []
        for name, layer in self.guidance.items():
            own = below(state, f'guidance.{name}.')
            if own:
                load_backbone(
                    layer, own, ('', ), f'model.squeeze: {self.squeeze} does '
                    f'not fit the guidance layer {name}')
            else:
                fresh.append(name)
        print_log(
            f'student from {self.squeeze}; guidance layers that start fresh: '
            f'{fresh or "none"}', 'current')

    def load_expansion(self) -> None:
        """Load the heads of all sources."""
        state = read_state(self.expansion)
        loaded = [
            name for task in self.tasks
            for name in load_heads(self, task, state)
        ]
        missing = [name for name in self.heads if name not in loaded]
        if missing:
            raise UserError(
                f'model.expansion: {self.expansion} has no heads that fit the '
                f'sources {missing}; give the checkpoint of an expansion on '
                'these sources')

    def train(self, mode: bool = True) -> 'GuidedStudentModel':
        """Switch the mode; a frozen student stays in evaluation mode."""
        super().train(mode)
        if self.freeze_student:
            self.student.eval()
        return self

    def forward(self,
                inputs: Mapping[str, Tensor],
                data_samples: Mapping[str, list] | None = None,
                phase: str = 'joint',
                mode: str = 'tensor') -> dict:
        """As :meth:`MultiSourceModel.forward`; 'predict' shares passes."""
        if mode != 'predict':
            return super().forward(inputs, data_samples, phase, mode)
        with self._sharing():
            return super().forward(inputs, data_samples, phase, mode)

    def extract(self, x: Tensor, task: str, phase: str = 'joint') -> Features:
        """Compute G^t(F-hat) of images (N, 3, H, W)."""
        feats = dict(zip(self._student_specs, self._student_features(x)))
        return tuple(
            self._guide(feats[i], f'{task}_{i}')
            for i in self._out_stages[task])

    def _guide(self, feat: Tensor, name: str) -> Tensor:
        if name not in self.guidance:
            return feat
        own, theirs = self._strides[name]
        size = [-(-side * own // theirs) for side in feat.shape[-2:]]
        return self.guidance[name](feat, tuple(size))

    def _student_features(self, x: Tensor) -> Features:
        """Run the student, once for equal images while passes are shared."""
        for images, feats in self._shared or ():
            if images.shape == x.shape and torch.equal(images, x):
                return feats
        with torch.set_grad_enabled(torch.is_grad_enabled()
                                    and not self.freeze_student):
            feats = self.student(x)
        if self._shared is not None:
            self._shared.append((x, feats))
        return feats

    @contextmanager
    def _sharing(self) -> Iterator[None]:
        self._shared = []
        try:
            yield
        finally:
            self._shared = None
