"""What the learning-rate search tries, and what it makes of it."""
import numpy as np
import pytest
from mmengine.config import Config

from xlearner_mm.errors import UserError
from xlearner_mm.transfer import Diverged
from xlearner_mm.transfer.lr_search import (search, shortened, trials,
                                            with_optimizer)


def config(**kwargs) -> Config:
    return Config(
        dict(
            train_cfg=dict(max_iters=1000, val_interval=1000),
            optim_wrapper=dict(
                optimizer=dict(type='SGD', lr=0.02, momentum=0.9)),
            param_scheduler=[
                dict(type='LinearLR', by_epoch=False, begin=0, end=50),
                dict(type='MultiStepLR', milestones=[700, 900])
            ],
            transfer=dict(
                metric='mIoU', lr=dict(SGD=(0.001, 0.1), AdamW=(1e-4, 1e-2))),
            **kwargs))


def test_rates_are_log_uniform_and_keep_the_ends():
    rates = [lr for _, lr in trials(dict(SGD=(0.001, 0.05)), 6)]
    assert rates[0] == pytest.approx(0.001) and rates[-1] == pytest.approx(.05)
    steps = np.diff(np.log(rates))
    np.testing.assert_allclose(steps, steps[0])


def test_a_short_run_keeps_the_shape_of_its_schedule():
    cfg = config()
    short = shortened(cfg, 0.1)
    assert short.train_cfg.max_iters == 100
    assert short.param_scheduler[0].end == 5
    assert short.param_scheduler[1].milestones == [70, 90]
    assert cfg.to_dict() == config().to_dict()


def test_another_optimizer_keeps_nothing_of_the_first():
    cfg = config()
    changed = with_optimizer(cfg, 'AdamW', 3e-4)
    assert changed.optim_wrapper.optimizer.to_dict() == dict(
        type='AdamW', weight_decay=0.05, lr=3e-4)
    assert cfg.optim_wrapper.optimizer.lr == 0.02


def test_the_same_optimizer_keeps_its_settings():
    optimizer = with_optimizer(config(), 'SGD', 0.5).optim_wrapper.optimizer
    assert optimizer.to_dict() == dict(type='SGD', lr=0.5, momentum=0.9)


class KnownFunction:
    """In place of a training: a known function of the rate, SGD's best."""

    def __init__(self) -> None:
        self.runs: list[tuple] = []

    def __call__(self, cfg: Config, folder) -> dict[str, float]:
        optimizer = cfg.optim_wrapper.optimizer
        self.runs.append((optimizer.type, cfg.train_cfg.max_iters))
        if optimizer.type == 'SGD' and optimizer.lr > 0.05:
            raise Diverged('the loss is not finite')
        if optimizer.type == 'AdamW' and optimizer.lr > 5e-3:
            return dict(mIoU=float('nan'))
        best = 0.01 if optimizer.type == 'SGD' else 1e-3
        return dict(mIoU=50 - abs(np.log(optimizer.lr / best)) -
                    (optimizer.type == 'AdamW'))


def test_the_best_short_run_is_run_in_full_and_nothing_twice(tmp_path):
    run = KnownFunction()
    result = search(config(), tmp_path, run, points=3)
    assert result['optimizer'] == 'SGD'
    assert result['score'] == pytest.approx(50)
    assert result['lr'] == pytest.approx(0.01)
    assert [t['score'] is None for t in result['trials']
            ] == [False, False, True, False, False, True]
    expected = [('SGD', 100)] * 3 + [('AdamW', 100)] * 3 + [('SGD', 1000)]
    assert run.runs == expected
    assert search(config(), tmp_path, run, points=3) == result
    assert run.runs == expected
    search(config(), tmp_path, run, points=3, optimizers=['AdamW'])
    assert run.runs == [*expected, ('AdamW', 1000)]


def test_other_weights_are_searched_anew(tmp_path):
    run = KnownFunction()
    for weights in ('one', 'other'):
        search(config(), tmp_path, run, weights, points=1)
    assert len(run.runs) == 6


def test_a_run_that_failed_is_no_divergence(tmp_path):

    def fail(cfg, folder):
        raise UserError('no such dataset')

    with pytest.raises(UserError, match='no such dataset'):
        search(config(), tmp_path, fail)


@pytest.mark.parametrize('kwargs, message', [
    (dict(points=0), 'points=0'),
    (dict(fraction=0), 'fraction=0'),
    (dict(optimizers=['Lion']), r"no range for \['Lion'\]"),
])
def test_bad_options_are_named(kwargs, message, tmp_path):
    with pytest.raises(UserError, match=message):
        search(config(), tmp_path, KnownFunction(), **kwargs)


def test_a_range_upside_down_is_named():
    with pytest.raises(UserError, match='SGD=.*two rates'):
        list(trials(dict(SGD=(0.1, 0.01)), 3))
