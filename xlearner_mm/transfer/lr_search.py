"""Search for the learning rate of a fine-tuning (paper Sec. 4.2).

The paper searches the rate of each backbone in a range. Weights made with
other recipes also want another optimizer than SGD, so that is searched too.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from math import isfinite
from pathlib import Path

import numpy as np
from mmengine.config import Config

from ..errors import UserError
from .launching import Diverged, score_of
from .stages import Stage

#: What replaces an optimizer of another type in the config. Ours, but SGD's:
#: paper Sec. 4.2.
OPTIMIZERS = dict(
    SGD=dict(type='SGD', momentum=0.9, weight_decay=1e-4),
    AdamW=dict(type='AdamW', weight_decay=0.05))


def trials(ranges: Mapping[str, Sequence[float]],
           points: int) -> Iterator[tuple[str, float]]:
    """Yield optimizers and learning rates, log-uniform over each range.

    Args:
        ranges: Lowest and highest rate by optimizer, 0 < lowest <= highest.
        points: Rates per optimizer, both ends included; one takes the middle.

    Raises:
        UserError: A range or optimizer has no meaning.

    Example:
        >>> [(n, round(lr, 4)) for n, lr in trials(dict(SGD=(1e-3, 0.1)), 3)]
        [('SGD', 0.001), ('SGD', 0.01), ('SGD', 0.1)]
    """
    if points < 1:
        raise UserError(f'points={points}: give a whole number >= 1')
    for name, (low, high) in ranges.items():
        if name not in OPTIMIZERS or not 0 < low <= high:
            raise UserError(
                f'transfer.lr: {name}=({low}, {high}); give one of '
                f'{", ".join(OPTIMIZERS)} with two rates, 0 < low <= high')
        rates = np.geomspace(low, high,
                             points) if points > 1 else [(low * high)**0.5]
        yield from ((name, float(rate)) for rate in rates)


def with_optimizer(cfg: Config, name: str, lr: float) -> Config:
    """Return a config with another learning rate, and optimizer.

    The config's own optimizer keeps its other settings.
    """
    cfg = deepcopy(cfg)
    if cfg.optim_wrapper.optimizer.type != name:
        cfg.optim_wrapper.optimizer = dict(OPTIMIZERS[name])
    cfg.optim_wrapper.optimizer.lr = lr
    return cfg


def shortened(cfg: Config, fraction: float) -> Config:
    """Return a config that trains for a fraction of its length.

    The schedule shrinks with it, warm-up included.

    Args:
        cfg: A config for MMEngine's runner.
        fraction: Of its iterations or epochs, in (0, 1].
    """
    cfg = deepcopy(cfg)
    key = 'max_iters' if 'max_iters' in cfg.train_cfg else 'max_epochs'
    cfg.train_cfg[key] = max(1, round(cfg.train_cfg[key] * fraction))
    for scheduler in cfg.get('param_scheduler', []):
        if 'milestones' in scheduler:
            scheduler.milestones = [  # one at 0 acts before the first step
                max(1, round(m * fraction)) for m in scheduler.milestones
            ]
        for name in ('T_max', 'total_iters', 'begin', 'end'):
            if scheduler.get(name):
                scheduler[name] = max(1, round(scheduler[name] * fraction))
    return cfg


def search(cfg: Config,
           folder: Path,
           run: Callable[[Config, Path], dict[str, float]],
           *inputs: object,
           optimizers: Sequence[str] | None = None,
           points: int = 5,
           fraction: float = 0.1) -> dict:
    """Try learning rates in short runs, then train once with the best.

    Interrupted and started again, it goes on where it was.

    Args:
        cfg: A downstream config; `cfg.transfer.lr` gives the ranges.
        folder: Where the runs go.
        run: Trains a config in a folder and returns its metrics, e.g.
            :func:`start`; it raises `Diverged` if the loss is not finite.
        *inputs: What the result depends on besides the config.
        optimizers: Only these; all that have a range where absent.
        points: Rates per optimizer.
        fraction: Length of a short run, in (0, 1].

    Returns:
        'score' of the full run in percent, its 'optimizer' and 'lr', and
        'trials', the score by optimizer and rate.

    Raises:
        UserError: No short run came to its end.
    """
    if not 0 < fraction <= 1:
        raise UserError(f'fraction={fraction}: give a number above 0 and at '
                        'most 1')
    ranges, found = cfg.transfer.lr, []
    unknown = sorted(set(optimizers or ()) - set(ranges))
    if unknown:
        raise UserError(f'no range for {unknown}: the config gives transfer.lr'
                        f' for {sorted(ranges)}')
    ranges = {k: v for k, v in ranges.items() if k in (optimizers or ranges)}
    for name, lr in trials(ranges, points):
        short = shortened(with_optimizer(cfg, name, lr), fraction)
        stage = Stage(folder / f'{name}_{lr:.2g}', short.to_dict(), *inputs)
        score = stage.run(lambda f: _try(short, f, run))['score']
        found.append(dict(optimizer=name, lr=lr, score=score))
    done = [trial for trial in found if trial['score'] is not None]
    if not done:
        raise UserError(f'{folder}: all {len(found)} short runs diverged; '
                        'lower the range transfer.lr of the config')
    best = max(done, key=lambda trial: trial['score'])
    full = with_optimizer(cfg, best['optimizer'], best['lr'])
    stage = Stage(folder / 'full', full.to_dict(), *inputs)
    result = stage.run(
        lambda f: dict(score=score_of(run(full, f), cfg.transfer, f)))
    return dict(
        score=result['score'],
        optimizer=best['optimizer'],
        lr=best['lr'],
        trials=found)


def _try(cfg: Config, folder: Path, run: Callable) -> dict:
    """Run one trial; one that diverged has no score."""
    try:
        score = score_of(run(cfg, folder), cfg.transfer, folder)
    except Diverged:
        return dict(score=None)
    return dict(score=score if isfinite(score) else None)
