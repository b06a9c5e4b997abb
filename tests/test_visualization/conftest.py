"""A tiny expansion that was stopped and resumed."""
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

import pytest
from torch import Tensor

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import train


class Resumed(NamedTuple):
    """A run of two attempts, and the losses of each of its iterations."""

    work_dir: Path
    losses: dict[int, dict[str, Tensor]]


@pytest.fixture(scope='session')
def resumed(written_sources, tmp_path_factory):
    """Six iterations, stopped after four, validated after each three."""
    work_dir = tmp_path_factory.mktemp('runs') / 'resumed'
    sources = deepcopy(written_sources)
    cfg = tiny.run_config(sources, work_dir, max_iters=6, log_level='INFO')
    cfg['train_cfg']['val_interval'] = 3
    cfg['default_hooks']['logger']['log_metric_by_epoch'] = False
    cfg.update(
        val_dataloader=dict(sources=sources),
        val_evaluator=dict(sources=sources),
        val_cfg=dict(type='MultiSourceValLoop'))
    _, first = train(deepcopy(cfg), stop_at=4)
    _, second = train(cfg, resume=True)
    return Resumed(work_dir, {**first, **second})
