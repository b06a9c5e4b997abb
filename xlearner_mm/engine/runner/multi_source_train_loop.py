"""Iteration-based training over many sources, exact on resume."""
import bisect
from os import cpu_count

import torch
from mmengine.dist import all_reduce, get_rank
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop
from mmengine.runner.utils import calc_dynamic_intervals
from torch import nn

from ...datasets import build_train_loader, dead_workers_explained
from ...datasets.pseudo_labels import check_pseudo_labels
from ...datasets.source_checks import check_classes
from ...environment import installed_versions
from ...errors import UserError
from ...models.algorithms.head_model import num_classes
from ...randomness import seed_model
from ...registry import LOOPS
from ...sources import check_copies, leave_unformatted
from ...version import __version__
from .run_checks import check_runner


@LOOPS.register_module()
class MultiSourceTrainLoop(BaseLoop):
    """Train for K iterations, each with a batch of every source.

    The data and the randomness of iteration k are functions of (seed, k), so
    resuming replays nothing and equals the unbroken run.

    Args:
        runner: The runner.
        dataloader: `dict(sources=..., num_workers=..., on_error=...)`, see
            :func:`build_train_loader`.
        max_iters: K, >= 1.
        val_begin: First iteration at which validation may run.
        val_interval: Iterations between validations.
        dynamic_intervals: `[(from iteration, interval), ...]`.

    Raises:
        UserError: K is no positive number, the runner is not supported (see
            :func:`check_runner`), the config's copies of `sources` differ,
            its pseudo labels are not complete, or a dataset does not fit its
            head.
    """

    def __init__(
            self,
            runner,
            dataloader: dict,
            max_iters: int,
            val_begin: int = 1,
            val_interval: int = 1000,
            dynamic_intervals: list[tuple[int, int]] | None = None) -> None:
        if int(max_iters) != max_iters or max_iters < 1:
            raise UserError(f'train_cfg: max_iters={max_iters!r}; give a '
                            'whole number >= 1')
        check_runner(runner)
        check_copies(runner.cfg)
        check_pseudo_labels(runner.cfg)
        leave_unformatted(runner.cfg)
        super().__init__(
            runner, build_train_loader(**dataloader, max_iters=int(max_iters)))
        self.max_iters, self.max_epochs = int(max_iters), 1
        self._iter, self._epoch = 0, 0
        self.val_begin, self.val_interval = val_begin, val_interval
        self.dynamic_milestones, self.dynamic_intervals = (
            calc_dynamic_intervals(val_interval, dynamic_intervals))
        self.stop_training = False  # set by EarlyStoppingHook
        self.skipped = {s.name: 0 for s in self.dataloader.dataset.sources}
        self.check_heads()

    @property
    def iter(self) -> int:
        """The current iteration k, 0-based."""
        return self._iter

    @property
    def epoch(self) -> int:
        """Always 0: the run counts as one epoch."""
        return self._epoch

    @property
    def model(self) -> nn.Module:
        """The model without its distributed wrapper."""
        model = self.runner.model
        return model.module if is_model_wrapper(model) else model

    @dead_workers_explained()
    def run(self) -> nn.Module:
        """Train from the current iteration to K.

        Raises:
            UserError: A worker of the loader was killed.
        """
        # Known only now: a resumed run takes the seed of its checkpoint.
        self.dataloader.dataset.seed = self.runner.seed
        self.dataloader.batch_sampler.start = self._iter
        self.log_setting()
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        batches = iter(self.dataloader)
        self.runner.model.train()
        while self._iter < self.max_iters and not self.stop_training:
            self.run_iter(next(batches))
            if self.val_is_due():
                self.runner.val_loop.run()
                self.runner.model.train()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def log_setting(self) -> None:
        """Log what MMEngine does not: packages, cores, sizes of sources."""
        setting = dict(
            xlearner_mm=__version__, **installed_versions(), cores=cpu_count())
        sizes = {
            n: len(d)
            for n, d in self.dataloader.dataset.datasets.items()
        }
        for title, found in (('ran with', setting), ('training images',
                                                     sizes)):
            text = ', '.join(f'{name} {value}'
                             for name, value in found.items())
            self.runner.logger.info(f'{title}: {text}')

    def run_iter(self, data_batch: dict[str, dict]) -> None:
        """Run one training step.

        Args:
            data_batch: `{source: {'inputs': [...], 'data_samples': [...],
                'skipped': [...]}}`.
        """
        self.runner.call_hook(
            'before_train_iter', batch_idx=self._iter, data_batch=data_batch)
        seed_model(self.runner.seed, get_rank(), self._iter)
        # First, and by itself: it may wrap the model anew.
        data = self.prepare(data_batch)
        outputs = self.runner.model.train_step(
            data, optim_wrapper=self.runner.optim_wrapper)
        self.check_finite(outputs)
        self.report_skipped(data_batch)
        self.runner.call_hook(
            'after_train_iter',
            batch_idx=self._iter,
            data_batch=data_batch,
            outputs=outputs)
        self._iter += 1

    def prepare(self, data_batch: dict[str, dict]) -> dict:
        """Add to the batch what the model has to know."""
        return data_batch

    def check_heads(self) -> None:
        """Refuse datasets whose labels their heads cannot tell apart."""
        dataset = self.dataloader.dataset
        for source in dataset.sources:
            check_classes(source, dataset.datasets[source.name],
                          num_classes(self.model.heads[source.name]))

    def check_finite(self, outputs: dict[str, torch.Tensor]) -> None:
        """Stop before a checkpoint of a diverged model could be written.

        All ranks stop together: gradients were averaged, so the weights of
        each are spoilt.

        Raises:
            FloatingPointError: A loss is infinite or not a number.
        """
        finite = torch.isfinite(outputs['loss']).int()
        all_reduce(finite, 'min')
        if finite:
            return
        bad = [
            f'{name} = {value.item()}' for name, value in outputs.items()
            if name != 'loss' and not torch.isfinite(value).all()
        ]
        raise FloatingPointError(
            f'iteration {self._iter}: the loss is not finite: '
            f'{", ".join(bad) or "on another rank"}. Checkpoints written '
            'before are intact; lower the learning rate, lengthen the '
            "warm-up or look at that source's labels, then resume")

    def report_skipped(self, data_batch: dict[str, dict]) -> None:
        """Log and count the samples that could not be loaded."""
        for source, batch in data_batch.items():
            for message in batch['skipped']:
                self.skipped[source] += 1
                self.runner.logger.warning(
                    f'iteration {self._iter}: skipped {message} '
                    f'({self.skipped[source]} in {source} so far)')

    def val_is_due(self) -> bool:
        """Tell whether to validate after the iteration just run."""
        step = bisect.bisect(self.dynamic_milestones, self._iter + 1)
        self.val_interval = self.dynamic_intervals[step - 1]
        return (self.runner.val_loop is not None
                and self._iter >= self.val_begin
                and (self._iter % self.val_interval == 0
                     or self._iter == self.max_iters))
