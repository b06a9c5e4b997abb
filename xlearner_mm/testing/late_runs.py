"""Runs over many sources that stand at any iteration, without the wait."""
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import HistoryBuffer

from . import tiny
from .runs import train

#: K, beyond every iteration that is asked for.
MAX_ITERS = 1_000_000
_DEFAULTS = Path(__file__).parents[2] / 'configs/_base_/default_runtime.py'


def many_sources(root: Path, count: int) -> list[dict]:
    """Write tiny sources below `root`, in turn of the three tasks."""
    make = (tiny.cls_source, tiny.det_source, tiny.seg_source)
    return [
        make[i % 3](root, name=f'source_{i}', val=None, evaluator=None)
        for i in range(count)
    ]


def long_run(sources: list[dict], work_dir: Path, workers: int) -> dict:
    """Config of a joint run with the hooks and logs of every config."""
    defaults = Config.fromfile(_DEFAULTS).to_dict()
    cfg = tiny.run_config(sources, work_dir, MAX_ITERS, **defaults)
    cfg['train_cfg']['join_iter'] = 0
    cfg['train_dataloader']['num_workers'] = workers
    return cfg


def checkpoint_at(cfg: dict, iteration: int) -> Path:
    """Write the checkpoint that a run would have at an iteration.

    Its last iteration is run; what it is resumed from is a fresh run's first
    checkpoint, with the number of the iteration, the place in the schedule
    and the length of the logged histories as if all before had been run.

    Args:
        cfg: What :func:`long_run` gave.
        iteration: How many iterations are done in it, >= 3.
    """
    folder = Path(cfg['work_dir'], f'at_{iteration}')
    hooks = dict(cfg['default_hooks'])
    hooks['checkpoint'] = dict(hooks['checkpoint'], interval=1)
    cfg = dict(cfg, work_dir=str(folder), default_hooks=hooks)
    train(cfg, stop_at=2)
    state = torch.load(folder / 'iter_2.pth', weights_only=False)
    before = iteration - 1
    state['meta']['iter'] = before
    for schedule in state['param_schedulers']:
        schedule['last_step'] = before
    histories = state['message_hub']['log_scalars']
    for name, history in histories.items():
        length = min(before, history.max_length)
        histories[name] = HistoryBuffer(
            *(np.resize(values, length) for values in history.data),
            max_length=history.max_length)
    torch.save(state, folder / 'before.pth')
    resume(cfg, folder / 'before.pth', iteration)
    return folder / f'iter_{iteration}.pth'


def resume(cfg: dict, checkpoint: Path, stop_at: int) -> None:
    """Go on from a checkpoint until so many iterations are done."""
    train(cfg, stop_at, load_from=str(checkpoint), resume=True)
