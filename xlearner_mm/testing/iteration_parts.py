"""What an iteration of a real training run spends its time on."""
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter

import torch
from mmengine.hooks import Hook

from .benchmarking import synchronize

#: Parts that are not the framework's.
WORK = ('pipeline', 'model')


class Stopwatch:
    """Seconds by part; a part within another one counts for itself only.

    Args:
        device: A GPU's queue is empty whenever a part begins or ends.
        rest: Name of the part that is open when no other is.
    """

    def __init__(self, device: torch.device, rest: str) -> None:
        self.device = device
        self._seconds: Counter[str] = Counter()
        self._open = [rest]
        self._mark = perf_counter()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what happens inside."""
        self._count()
        self._open.append(name)
        try:
            yield
        finally:
            self._count()
            self._open.pop()

    def restart(self) -> dict[str, float]:
        """Return the seconds of all parts until now; count from zero."""
        self._count()
        seconds = dict(self._seconds)
        self._seconds.clear()
        return seconds

    def wrap(self, owner: object, attribute: str, name: str) -> None:
        """Count the calls of an object's method."""
        call: Callable = getattr(owner, attribute)

        @wraps(call)
        def counted(*args, **kwargs):
            with self.part(name):
                return call(*args, **kwargs)

        setattr(owner, attribute, counted)

    def _count(self) -> None:
        synchronize(self.device)
        now = perf_counter()
        self._seconds[self._open[-1]] += now - self._mark
        self._mark = now


class PartsHook(Hook):
    """Count the parts of each iteration; stop after some windows of them.

    Parts: 'pipeline', taking a batch from the loader; 'model', preprocessors,
    backbone, heads, backward pass and optimizer; one per hook; 'step', the
    rest of `train_step`; 'loop', that of the training loop.

    Args:
        device: Where the model is.
        length: Iterations of a window.
        windows: How many are kept.
        warm_up: How many before these are not.
    """

    priority = 'LOWEST'

    def __init__(self, device: torch.device, length: int, windows: int,
                 warm_up: int) -> None:
        self.watch = Stopwatch(device, 'pipeline')
        self.length = length
        self.last = length * (warm_up + windows)
        self.first = length * warm_up
        self.windows: list[dict[str, float]] = []
        self._done = 0

    def before_train(self, runner) -> None:
        """Wrap what is built by now."""
        wrap, loop, model = self.watch.wrap, runner.train_loop, runner.model
        for module in model.data_preprocessor.preprocessors.values():
            wrap(module, 'forward', 'model')
        for head in model.heads.values():
            wrap(head, 'loss', 'model')
        wrap(model.backbone, 'forward', 'model')
        wrap(runner.optim_wrapper, 'update_params', 'model')
        wrap(model, 'train_step', 'step')
        wrap(loop, 'run_iter', 'loop')
        for hook in runner.hooks:
            if hook is not self:
                for place in ('before_train_iter', 'after_train_iter'):
                    wrap(hook, place, type(hook).__name__)
        self.watch.restart()

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Count the iteration, which ends here for this hook."""
        self._done += 1
        if self._done % self.length == 0:
            seconds = self.watch.restart()
            if self._done > self.first:
                self.windows.append(seconds)
        if self._done == self.last:
            runner.train_loop.stop_training = True
