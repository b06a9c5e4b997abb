"""Algorithm 1 of the paper."""
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from mmengine.model import is_model_wrapper
from torch import Tensor, nn

from ...errors import UserError
from ...models.algorithms import ShardedDataParallel
from ...registry import LOOPS
from .multi_source_train_loop import MultiSourceTrainLoop


@LOOPS.register_module()
class ExpansionTrainLoop(MultiSourceTrainLoop):
    """The expansion stage: T separate trainings, joined at tau.

    Iterations 0 .. tau - 1 are phase 'separate', tau .. K - 1 phase 'joint'.
    An optimizer's `clip_grad` acts per task in the former, on all gradients
    together in the latter. (One dynamic loss scale, with float16, serves all
    tasks: an overflow in one makes all skip a step.)

    Args:
        join_iter: tau, in [0, K]. With 0 the sub-backbones are joined from
            the start, with K never.
        **kwargs: See :class:`MultiSourceTrainLoop`.

    Raises:
        UserError: tau is not in [0, K], or 0 with an X-Learner++, whose hints
            belong to phase 'separate'.
    """

    def __init__(self, runner, dataloader: dict, max_iters: int,
                 join_iter: int, **kwargs) -> None:
        if not 0 <= join_iter <= max_iters:
            raise UserError(
                f'train_cfg: join_iter={join_iter} (tau) is not between 0 and '
                f'max_iters={max_iters} (K); 0 joins from the start')
        super().__init__(runner, dataloader, max_iters, **kwargs)
        if join_iter == 0 and self.model.pre_distillation is not None:
            raise UserError(
                "train_cfg: join_iter=0 leaves no phase 'separate', in which "
                'alone the hints of pre_distillation count; give join_iter '
                '>= 1, or take pre_distillation off the model')
        self.join_iter = join_iter
        self._entered: str | None = None
        self._clip_all: Callable | None = None

    @property
    def phase(self) -> str:
        """'separate' or 'joint', for the current iteration."""
        return 'separate' if self._iter < self.join_iter else 'joint'

    def prepare(self, data_batch: dict[str, dict]) -> dict:
        """Send the phase along with the batch."""
        if self._entered != self.phase:
            self.enter(self.phase)
        return dict(data_batch, phase=self.phase)

    def enter(self, phase: str) -> None:
        """Freeze what the phase does not train, and tell the wrapper.

        A distributed wrapper fixes the set of trainable parameters when it is
        made; without a new one at tau the ranks would silently diverge. The
        optimizer was built with all of them, so its state carries over. One
        that shards needs neither.
        """
        self.runner.logger.info(f"iteration {self._iter}: phase '{phase}'")
        if not isinstance(self.runner.model, ShardedDataParallel):
            self._freeze_and_wrap(phase)
        self._set_clipping(phase)
        self._entered = phase

    def _freeze_and_wrap(self, phase: str) -> None:
        """Freeze the idle parts; wrap anew what has a distributed wrapper."""
        model = self.model
        model.freeze_idle(phase)
        if is_model_wrapper(self.runner.model):
            cfg = self.runner.cfg.get('model_wrapper_cfg')
            if model.backward == 'per_task':
                cfg = dict(cfg or {}, type='PerTaskDataParallel')
            self.runner.model = self.runner.wrap_model(cfg, model)
            self.runner.model.train()

    def _set_clipping(self, phase: str) -> None:
        """Clip each task's gradients by themselves while they train apart."""
        wrapper = self.runner.optim_wrapper
        if getattr(wrapper, 'clip_grad_kwargs', None):
            self._clip_all = self._clip_all or wrapper.clip_func
            wrapper.clip_func = self._clip_all if phase == 'joint' else (
                partial(
                    clip_by_group,
                    clip=self._clip_all,
                    groups=[[
                        p for module in self.model.task_modules(task)
                        for p in module.parameters()
                    ] for task in self.model.tasks]))


def clip_by_group(params: Iterable[nn.Parameter], clip: Callable,
                  groups: Sequence[Sequence[nn.Parameter]],
                  **kwargs) -> Tensor | None:
    """Clip the gradients of each group of parameters by itself.

    Args:
        params: Parameters with a gradient.
        clip: PyTorch's `clip_grad_norm_` or `clip_grad_value_`.
        groups: Which parameters are clipped together.
        **kwargs: Of `clip`, e.g. `max_norm`.

    Returns:
        The largest norm of a group, where `clip` returns norms.
    """
    present = {id(p) for p in params}
    norms = [
        clip([p for p in group if id(p) in present], **kwargs)
        for group in groups
    ]
    return None if None in norms else max(norms)
