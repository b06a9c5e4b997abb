"""A resumed run equals the unbroken one in every bit.

Draws per iteration: 3 of 7, 2 of 5 and 2 of 5 images, so that epochs end
inside batches, at iterations 2 and 4, and second epochs are under way at 3.
"""
import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (differences, squeeze_config, state_of,
                                      state_of_file, train)

K, TAU = 6, 3


def config(stage: str, sources: list[dict], work_dir: Path, **kwargs) -> dict:
    """Config of a run of a stage that keeps every checkpoint."""
    if stage == 'squeeze':
        teacher = kwargs.pop('teacher')
        cfg = squeeze_config(sources, work_dir, teacher, max_iters=K)
    else:
        cfg = tiny.run_config(sources, work_dir, max_iters=K)
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    cfg['train_dataloader'].update(kwargs)
    return cfg


@pytest.fixture(scope='module')
def unbroken(written_sources, tmp_path_factory):
    """Configs, final states and losses of one run of each stage."""
    runs = {}
    teacher = None
    for stage in ('expansion', 'squeeze'):
        cfg = config(stage, deepcopy(written_sources),
                     tmp_path_factory.mktemp(stage),
                     **({} if teacher is None else dict(teacher=teacher)))
        runner, losses = train(cfg)
        runs[stage] = cfg, state_of(runner), losses
        teacher = Path(cfg['work_dir'], f'iter_{K}.pth')
    return runs


def go_on(unbroken, stage, at, tmp_path, stop_at=None, workers=0, start=None):
    """Resume the run of a stage at an iteration, in a new folder."""
    cfg = deepcopy(unbroken[stage][0])
    file = Path(start or cfg['work_dir'], f'iter_{at}.pth')
    cfg['train_dataloader']['num_workers'] = workers
    return train(
        cfg, stop_at, work_dir=str(tmp_path), load_from=str(file), resume=True)


def check(unbroken, stage, runner, losses, first):
    """Compare a resumed run with the unbroken one."""
    _, state, all_losses = unbroken[stage]
    expected = {k: v for k, v in all_losses.items() if k >= first}
    assert not list(differences(losses, expected))
    assert not list(differences(state_of(runner), state))


@pytest.mark.parametrize('stage, at, workers', [
    ('expansion', 1, 0),
    ('expansion', TAU - 1, 2),
    ('expansion', TAU, 0),
    ('expansion', TAU + 1, 2),
    ('expansion', K - 1, 0),
    ('squeeze', 2, 0),
    ('squeeze', 3, 2),
])
def test_resumed_equals_unbroken(unbroken, tmp_path, stage, at, workers):
    runner, losses = go_on(unbroken, stage, at, tmp_path, workers=workers)
    check(unbroken, stage, runner, losses, at)


@pytest.mark.parametrize('stage', ['expansion', 'squeeze'])
def test_resumed_twice_equals_unbroken(unbroken, tmp_path, stage):
    go_on(unbroken, stage, 2, tmp_path, stop_at=TAU)
    runner, losses = go_on(unbroken, stage, TAU, tmp_path / 'x',
                           start=tmp_path)  # yapf: disable
    check(unbroken, stage, runner, losses, TAU)


def test_checkpoints_of_a_resumed_run_equal_those_of_the_unbroken(
        unbroken, tmp_path):
    go_on(unbroken, 'expansion', TAU - 1, tmp_path, stop_at=TAU + 1)
    for k in (TAU, TAU + 1):
        files = [
            Path(folder, f'iter_{k}.pth')
            for folder in (tmp_path, unbroken['expansion'][0]['work_dir'])
        ]
        assert not list(differences(*map(state_of_file, files)))


def test_resume_finds_the_last_checkpoint_by_itself(unbroken, tmp_path):
    cfg, _, _ = unbroken['expansion']
    shutil.copy(Path(cfg['work_dir'], 'iter_4.pth'), tmp_path)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'iter_4.pth'))
    runner, losses = train(deepcopy(cfg), work_dir=str(tmp_path), resume=True)
    check(unbroken, 'expansion', runner, losses, 4)


def test_a_resumed_run_takes_the_seed_of_its_checkpoint(unbroken, tmp_path):
    cfg = deepcopy(unbroken['expansion'][0])
    file = Path(cfg['work_dir'], 'iter_2.pth')
    runner, losses = train(
        cfg, 4, work_dir=str(tmp_path), load_from=str(file), resume=True,
        randomness=dict(seed=None))  # yapf: disable
    assert runner.seed == 0
    expected = unbroken['expansion'][2]
    assert not list(differences(losses, {k: expected[k] for k in (2, 3)}))
