"""The expansion stage of the paper (Sec. 3.2, Algorithm 1)."""
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from .multi_source_model import Features, MultiSourceModel
from .task_checkpoint import load_task_checkpoint


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
        **kwargs: See :class:`MultiSourceModel`.
    """

    def __init__(self,
                 backbone: dict,
                 sources: Sequence[dict],
                 keep_scale: bool = False,
                 task_checkpoints: Mapping[str, str] | None = None,
                 **kwargs) -> None:
        super().__init__(sources, **kwargs)
        self.keep_scale = keep_scale
        self.task_checkpoints = dict(task_checkpoints or {})
        unknown = sorted(set(self.task_checkpoints) - set(self.tasks))
        if unknown:
            raise UserError(f'task_checkpoints names {unknown}, which are not '
                            f'among the tasks {list(self.tasks)}')
        self.backbone = MODELS.build(dict(backbone, tasks=self.tasks))
        self._check_classifiers()

    def extract(self, x: Tensor, task: str, phase: str = 'joint') -> Features:
        """Compute F^t (E^t in phase 'separate') of images (N, 3, H, W)."""
        return self.backbone(x, task, fuse=phase == 'joint')

    def loss_weights(self, phase: str) -> dict[str, float]:
        """Weigh the sources: 1/N_t in phase 'separate', else 1/N (Eq. 1)."""
        if phase == 'joint' and not self.keep_scale:
            return super().loss_weights(phase)
        tasks = list(self.task_of.values())
        return {n: 1 / tasks.count(t) for n, t in self.task_of.items()}

    def train_reconciliation(self, trainable: bool) -> None:
        """Let the gammas take part in training, or not.

        Phase 'separate' leaves them without gradient, which a distributed
        wrapper must know when it wraps the model.
        """
        if self.backbone.reconciliation is not None:
            self.backbone.reconciliation.requires_grad_(trainable)

    def task_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return what each task trains by itself: E^t and t's heads."""
        return {
            task: [
                *self.backbone.sub_backbones[task].parameters(),
                *(p for name, t in self.task_of.items() if t == task
                  for p in self.heads[name].parameters())
            ]
            for task in self.tasks
        }

    def _check_classifiers(self) -> None:
        """Refuse gammas that no classifier would ever see."""
        join = self.backbone.reconciliation
        if join is None or join.feed_forward:
            return
        for name, task in self.task_of.items():
            last = self.backbone.sub_backbones[task].out_indices[-1]
            if hasattr(self.heads[name], 'head') and (last
                                                      not in join.fuse_stages):
                raise UserError(
                    f"feed_forward=False: the classifier of source '{name}' "
                    f'reads stage {last} alone, which is not fused '
                    f'{join.fuse_stages}: the gammas would have no effect; '
                    'add it to fuse_stages')

    def init_weights(self) -> None:
        """Initialise, then load the tasks' checkpoints."""
        super().init_weights()
        for task, file in self.task_checkpoints.items():
            load_task_checkpoint(self, task, file)
