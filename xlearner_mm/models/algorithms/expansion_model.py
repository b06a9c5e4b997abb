"""The expansion stage of the paper (Sec. 3.2, Algorithm 1)."""
from collections.abc import Mapping, Sequence

import torch
from mmengine.optim import OptimWrapper
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from .multi_source_model import Features, MultiSourceModel
from .task_checkpoint import load_task_checkpoint
from .task_parts import TaskPart, step_by_task


@MODELS.register_module()
class ExpansionModel(MultiSourceModel):
    """T sub-backbones, their gammas, and a head model per source.

    In phase 'separate' (k <= tau of Algorithm 1) each task trains alone, on
    the mean over its N_t sources; in phase 'joint' the gammas take part and
    all N sources are averaged (Eq. 1). So at tau the gradient of E^t is
    scaled by N_t / N, as the paper's text says. Without gammas (X-Learner
    w/o Rec.) the phases differ in these weights alone.

    Args:
        backbone: Config of an :class:`ExpandedResNet`; it gets its `tasks`
            from here.
        sources: Configs of the sources, see :class:`Source`.
        keep_scale: Ours: keep the mean per task in phase 'joint', so that
            the gradients of E^t do not shrink at tau.
        task_checkpoints: Start from separately trained networks,
            `{task: file}`; see :func:`load_task_checkpoint`.
        pre_distillation: Config of a :class:`PreDistillation`, which turns
            X-Learner into X-Learner++ (Sec. 3.4): hints from a teacher per
            source in phase 'separate'.
        backward: 'joint': one backward pass for all tasks; 'per_task': each
            task's right after its forward pass, which gives the same
            gradients and holds the activations of one task at a time.
        **kwargs: See :class:`MultiSourceModel`.
    """

    def __init__(self,
                 backbone: dict,
                 sources: Sequence[dict],
                 keep_scale: bool = False,
                 task_checkpoints: Mapping[str, str] | None = None,
                 pre_distillation: dict | None = None,
                 backward: str = 'joint',
                 **kwargs) -> None:
        super().__init__(sources, **kwargs)
        if backward not in ('joint', 'per_task'):
            raise UserError(f'model.backward={backward!r}; choose from '
                            "'joint' and 'per_task'")
        self.backward = backward
        self.keep_scale = keep_scale
        self.task_checkpoints = dict(task_checkpoints or {})
        unknown = sorted(set(self.task_checkpoints) - set(self.tasks))
        if unknown:
            raise UserError(f'task_checkpoints names {unknown}, which are not '
                            f'among the tasks {list(self.tasks)}')
        self.backbone = MODELS.build(dict(backbone, tasks=self.tasks))
        self._check_classifiers()
        self.pre_distillation = self._build_pre_distillation(pre_distillation)

    def extract(self, x: Tensor, task: str, phase: str = 'joint') -> Features:
        """Compute F^t (E^t in phase 'separate') of images (N, 3, H, W)."""
        return self.backbone(x, task, fuse=phase == 'joint')

    def loss_weights(self, phase: str) -> dict[str, float]:
        """Weigh the sources: 1/N_t in phase 'separate', else 1/N (Eq. 1)."""
        if phase == 'joint' and not self.keep_scale:
            return super().loss_weights(phase)
        tasks = list(self.task_of.values())
        return {n: 1 / tasks.count(t) for n, t in self.task_of.items()}

    def extra_losses(self, source: str, x: Tensor, feats: Features,
                     phase: str) -> dict[str, Tensor]:
        """Return the hints of X-Learner++, in phase 'separate' alone."""
        if self.pre_distillation is None or phase == 'joint':
            return {}
        return self.pre_distillation(source, x, feats)

    def freeze_idle(self, phase: str) -> None:
        """Freeze the parts that take no part in a phase, and no others.

        Phase 'separate' leaves the gammas without gradient, 'joint' the
        guidance layers of X-Learner++, which a distributed wrapper must know
        when it wraps the model.
        """
        parts = dict(
            joint=self.backbone.reconciliation, separate=self.pre_distillation)
        for used_in, part in parts.items():
            if part is not None:
                part.requires_grad_(used_in == phase)

    def train_step(self, data: dict[str, object],
                   optim_wrapper: OptimWrapper) -> dict[str, Tensor]:
        """Run one iteration; as MMEngine's, but for `backward`."""
        if self.backward == 'joint':
            return super().train_step(data, optim_wrapper)
        return step_by_task(self, [TaskPart(self, t) for t in self.tasks],
                            data, optim_wrapper)

    def task_modules(self, task: str) -> list[nn.Module]:
        """Return all that the loss of a task reaches.

        E^t, the gammas into t, t's heads and, of X-Learner++, t's guidance
        layers. Of two tasks they have nothing in common.
        """
        modules = [self.backbone.sub_backbones[task]]
        if self.backbone.reconciliation is not None:
            modules += self.backbone.reconciliation.into(task)
        for name in [n for n, t in self.task_of.items() if t == task]:
            modules.append(self.heads[name])
            if self.pre_distillation is not None:
                modules.append(self.pre_distillation.guidance[name])
        return modules

    def _check_classifiers(self) -> None:
        """Refuse gammas that no classifier would ever see."""
        join = self.backbone.reconciliation
        if join is None or join.feed_forward:
            return
        for name, task in self.task_of.items():
            last = self.backbone.out_stages[task][-1]
            if hasattr(self.heads[name], 'head') and (last
                                                      not in join.fuse_stages):
                raise UserError(
                    f"feed_forward=False: the classifier of source '{name}' "
                    f'reads stage {last} alone, which is not fused '
                    f'{join.fuse_stages}: the gammas would have no effect; '
                    'add it to fuse_stages')

    def _build_pre_distillation(self, cfg: dict | None) -> nn.Module | None:
        """Build the hints of X-Learner++, if there are any.

        What that draws is not seen outside, so that with one seed X-Learner
        and X-Learner++ start from the same weights.
        """
        if cfg is None:
            return None
        students = {
            name: self.backbone.sub_backbones[task]
            for name, task in self.task_of.items()
        }
        with torch.random.fork_rng(devices=[]):
            return MODELS.build(dict(cfg, students=students))

    def init_weights(self) -> None:
        """Initialise, then load the tasks' checkpoints."""
        super().init_weights()
        for task, file in self.task_checkpoints.items():
            load_task_checkpoint(self, task, file)
