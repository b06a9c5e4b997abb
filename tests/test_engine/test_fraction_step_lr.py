"""The paper's schedule: three chained steps at fractions of K."""
import pytest
import torch
from mmengine.config import Config

from xlearner_mm.engine import FractionStepLR
from xlearner_mm.errors import UserError


def rates(schedules: list[tuple[float, float]], max_iters: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    chain = [
        FractionStepLR(
            optimizer, fraction, gamma, end=max_iters, by_epoch=False)
        for fraction, gamma in schedules
    ]
    seen = []
    for _ in range(max_iters):
        seen.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for schedule in chain:
            schedule.step()
    return seen


def test_the_papers_factors_multiply():
    seen = rates([(0.5, 0.5), (0.7, 0.2), (0.9, 0.1)], 10)
    assert seen == pytest.approx([0.2] * 5 + [0.1] * 2 + [0.02] * 2 + [0.002])


def test_the_base_config_holds_the_papers_factors():
    cfg = Config.fromfile('configs/_base_/schedules/sgd_paper.py')
    steps = [(s.fraction, s.gamma) for s in cfg.param_scheduler
             if s.type == 'FractionStepLR']
    assert steps == [(0.5, 0.5), (0.7, 0.2), (0.9, 0.1)]


def test_a_fraction_beyond_the_run_is_refused():
    with pytest.raises(UserError, match='fraction=50'):
        rates([(50, 0.5)], 4)
