"""What a run left in its work_dir, attempt by attempt, as one run.

A run that was interrupted has a folder of logs for each attempt. A later
attempt repeats iterations that were logged after the checkpoint it went on
from; what it logged counts.
"""
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mmengine.config import ConfigDict

from ..analysis.history import MEASURED, read_rows
from ..config_text import read_config_text
from ..errors import UserError
from .text_log import TextLog, read_text_log

#: What is logged beside losses and metrics.
_NOT_A_METRIC = {'step', 'iter', 'epoch', 'time', 'data_time', 'memory'}


@dataclass(frozen=True)
class RunLog:
    """One run.

    Args:
        work_dir: Its folder.
        train: What its training logged, by iterations done:
            `{iterations: {name: value}}`, ascending.
        metrics: What its validations found, likewise.
        texts: The text logs of its attempts, in order.
        config_text: Its config, as the last attempt wrote it; '' where there
            is none.
    """

    work_dir: Path
    train: dict[int, dict[str, float]] = field(default_factory=dict)
    metrics: dict[int, dict[str, float]] = field(default_factory=dict)
    texts: tuple[TextLog, ...] = ()
    config_text: str = ''

    @cached_property
    def cfg(self) -> ConfigDict:
        """The config; empty where there is none, or one with code in it."""
        try:
            return read_config_text(self.config_text, str(self.work_dir))
        except UserError:
            return ConfigDict()

    @property
    def max_iters(self) -> int | None:
        """K; None for a run that counts epochs."""
        return (self.cfg.get('train_cfg') or {}).get('max_iters')

    @property
    def iters_done(self) -> int:
        """Iterations known to be done; the log may lag by an interval."""
        saved = [t.iters_saved for t in self.texts[-1:]]
        return max([*self.train, *self.metrics, *saved], default=0)

    @property
    def epochs_done(self) -> int:
        """Epochs at the last checkpoint, of a run that counts them."""
        return self.texts[-1].epochs_saved if self.texts else 0

    @property
    def processes(self) -> int:
        """Processes of the last attempt, one for each GPU."""
        environment = self.texts[-1].environment if self.texts else {}
        return int(environment.get('GPU number', 1))


def read_run(work_dir: str | Path) -> RunLog:
    """Read what a run, finished or not, left in its folder.

    Args:
        work_dir: The run's work_dir.

    Raises:
        UserError: No run has logged anything there.
    """
    work_dir = Path(work_dir)
    attempts = sorted(
        folder for folder in work_dir.glob('*')
        if (folder / 'vis_data').is_dir() or (folder /
                                              f'{folder.name}.log').is_file())
    if not attempts:
        raise UserError(f'{work_dir} is no run: it has no folder with a log '
                        '(20260131_123456/...); give the work_dir of a run')
    run = RunLog(work_dir, config_text=_config_text(attempts))
    texts = []
    for folder in attempts:
        text = read_text_log(folder)
        if text and text.is_test:
            continue
        entries = list(read_rows(folder / 'vis_data/scalars.json'))
        _add(run, entries, text)
        texts += [text] if text else []
    return RunLog(work_dir, dict(sorted(run.train.items())),
                  dict(sorted(run.metrics.items())), tuple(texts),
                  run.config_text)


def _config_text(attempts: list[Path]) -> str:
    logged = [f for f in attempts if (f / 'vis_data/scalars.json').is_file()]
    files = [f / 'vis_data/config.py' for f in reversed(logged or attempts)]
    return next((f.read_text() for f in files if f.is_file()), '')


def _add(run: RunLog, entries: Iterable[dict], text: TextLog | None) -> None:
    """Add an attempt in place; forget what it repeated."""
    entries = [e for e in entries if 'step' in e]
    steps = [e['step'] for e in entries if _is_training(e)]
    if steps:
        start = text.resumed_at if text else None
        start = steps[0] - 1 if start is None else start
        for logged in (run.train, run.metrics):
            for step in [step for step in logged if step > start]:
                del logged[step]
    last = max(run.train, default=0)
    for entry in entries:
        if _is_training(entry):
            last = entry['step']
            run.train[last] = _numbers(entry, {'step', 'iter', 'epoch'})
        elif found := _numbers(entry, _NOT_A_METRIC):
            run.metrics[_iters_of(run, entry['step'], last)] = found


def _is_training(entry: dict) -> bool:
    return 'loss' in entry or 'lr' in entry


def _numbers(entry: dict, but: set[str]) -> dict[str, float]:
    return {
        key: float(value)
        for key, value in entry.items() if key not in but
        and not key.startswith(MEASURED) and isinstance(value, (int, float))
    }


def _iters_of(run: RunLog, step: int, last: int) -> int:
    """Return after how many iterations a validation ran.

    MMEngine counts validations in epochs unless `log_metric_by_epoch=False`;
    then it is the next that was due after what was logged last.
    """
    if step > 1 and step >= last:
        return step
    if not run.max_iters:
        return max(step, last)
    every = run.cfg.train_cfg.get('val_interval') or 1
    return min(max(1, math.ceil(last / every)) * every, run.max_iters)


def checkpoints(work_dir: Path) -> list[tuple[str, int]]:
    """Return name and size in bytes of a run's checkpoints, by iteration."""

    def order(file: Path) -> tuple:
        number = re.search(r'_(\d+)$', file.stem)
        return (number is None, int(number[1]) if number else 0, file.name)

    files = [*work_dir.glob('*.pth'), *work_dir.glob('*.safetensors')]
    return [(f.name, f.stat().st_size) for f in sorted(files, key=order)]
