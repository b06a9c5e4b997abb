"""What stops a run, and what it leaves behind."""
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook

from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train

K, BAD = 4, 2


def spoil(runner, source: str, iteration: int) -> None:
    """Give the images that a source draws in an iteration NaN pixels."""
    loader = runner.train_loop.dataloader
    dataset = loader.dataset.datasets[source]
    path = {
        dataset.get_data_info(loader.dataset.index_of(d))['img_path']
        for d in loader.batch_sampler.draws(iteration) if d.source == source
    }
    for k in range(iteration):  # the same images, unless drawn before
        path -= {
            dataset.get_data_info(loader.dataset.index_of(d))['img_path']
            for d in loader.batch_sampler.draws(k) if d.source == source
        }
    assert path

    def nan(sample: dict) -> dict:
        if sample['data_samples'].img_path in path:
            shape = sample['inputs'].shape
            sample['inputs'] = torch.full(shape, float('nan'))
        return sample

    dataset.pipeline.transforms.append(nan)


@pytest.fixture
def stopped(sources, tmp_path):
    """A run whose source 'stuff' gives NaN in iteration 2 of 4."""
    cfg = tiny.run_config(sources, tmp_path, K)
    runner = build_runner(cfg)
    spoil(runner, 'stuff', BAD)
    with pytest.raises(FloatingPointError) as error:
        runner.train()
    return cfg, str(error.value)


def test_a_loss_that_is_not_finite_stops_naming_source_and_iteration(stopped):
    assert f'iteration {BAD}: ' in stopped[1]
    assert 'stuff.decode.loss_ce = nan' in stopped[1]
    assert 'things' not in stopped[1] and 'animals' not in stopped[1]


def test_the_last_checkpoint_is_intact_and_resumes(stopped, tmp_path):
    cfg, _ = stopped
    last = (tmp_path / 'last_checkpoint').read_text()
    assert Path(last).name == f'iter_{BAD}.pth'
    runner, losses = train(deepcopy(cfg), resume=True)
    assert list(losses) == [2, 3]
    unbroken, _ = train(deepcopy(cfg), work_dir=str(tmp_path / 'unbroken'))
    assert not list(differences(state_of(runner), state_of(unbroken)))


def test_log_names_every_source_its_losses_and_the_eta(sources, tmp_path):
    runner, _ = train(tiny.run_config(sources, tmp_path, 2, log_level='INFO'))
    log = Path(runner.log_dir, f'{runner.timestamp}.log').read_text()
    line = [row for row in log.splitlines() if 'Iter(train) [2/2]' in row][0]
    for key in ('animals.loss:', 'things.loss_cls:', 'stuff.decode.loss_ce:',
                'eta:', ' loss:'):
        assert key in line


def test_an_unknown_head_type_is_refused(sources, tmp_path):
    sources[0]['model']['head']['type'] = 'NoSuchHead'
    with pytest.raises(UserError, match="'animals': its head model"):
        build_runner(tiny.run_config(sources, tmp_path))


def test_a_checkpoint_of_other_tasks_is_refused(sources, tmp_path):
    train(tiny.run_config(sources[:2], tmp_path, 1))
    cfg = tiny.run_config(
        sources, tmp_path / 'x', load_from=str(tmp_path / 'iter_1.pth'))
    with pytest.raises(UserError, match='missing .*_to_seg_'):
        build_runner(cfg).train()


def test_training_goes_on_in_training_mode_after_a_validation(
        sources, tmp_path):
    modes = []

    class Modes(Hook):

        def before_train_iter(self, runner, batch_idx, data_batch=None):
            modes.append([m.training for m in runner.model.modules()])

    cfg = tiny.run_config(sources, tmp_path, max_iters=3)
    cfg['train_cfg'].update(val_begin=1, val_interval=1)
    runner = build_runner(
        cfg,
        val_cfg=dict(type='MultiSourceValLoop'),
        val_dataloader=dict(sources=sources),
        val_evaluator=dict(sources=sources))
    runner.model.eval()
    runner.register_hook(Modes())
    runner.train()
    assert modes[0] == modes[1] == modes[2]
    assert all(modes[0])
