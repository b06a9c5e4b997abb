"""kill -9 at any iteration, resume: the unbroken run, bit for bit.

Checkpoints are written after every second iteration.
"""
import os
import signal
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (differences, squeeze_config, state_of,
                                      train)

SCRIPT = Path(__file__).with_name('run_stage.py')
ROOT = SCRIPT.parents[2]
K, TAU = 8, 4


def checkpointed(cfg: dict) -> dict:
    """Write a checkpoint after every second iteration."""
    cfg['default_hooks']['checkpoint']['interval'] = 2
    return cfg


def run_and_kill(cfg: dict, work_dir: Path, at: int, workers: int = 0) -> None:
    """Run in a process of its own, which dies in iteration `at` - 1."""
    cfg = dict(deepcopy(cfg), work_dir=str(work_dir), resume=True,
               log_level='WARNING')  # yapf: disable
    cfg['train_dataloader']['num_workers'] = workers
    work_dir.mkdir(exist_ok=True)
    text = Config(cfg, format_python_code=False).pretty_text
    (work_dir / 'killed.py').write_text(text)
    env = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1')
    done = subprocess.run(
        [sys.executable, SCRIPT, work_dir / 'killed.py', work_dir / 'out',
         f'kill:{at}'],
        env=env, capture_output=True, text=True)  # yapf: disable
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


def check_resumed(unbroken, work_dir: Path, first: int, workers: int) -> None:
    """Resume here and compare from iteration `first` on."""
    cfg, state, losses = unbroken
    cfg = deepcopy(cfg)
    cfg['train_dataloader']['num_workers'] = workers
    runner, resumed = train(cfg, work_dir=str(work_dir), resume=True)
    assert not list(
        differences(resumed, {
            k: v
            for k, v in losses.items() if k >= first
        }))
    assert not list(differences(state_of(runner), state))


@pytest.fixture(scope='module')
def unbroken(written_sources, tmp_path_factory):
    """Return a function that runs a stage once and keeps the result."""
    done = {}

    def run(stage: str):
        if stage not in done:
            folder = tmp_path_factory.mktemp(stage)
            sources = deepcopy(written_sources)
            cfg = tiny.run_config(sources, folder, max_iters=K)
            if stage == 'squeeze':
                teacher = Path(
                    run('expansion')[0]['work_dir'], f'iter_{K}.pth')
                cfg = squeeze_config(sources, folder, teacher, max_iters=K)
            runner, losses = train(checkpointed(cfg))
            done[stage] = cfg, state_of(runner), losses
        return done[stage]

    return run


def test_killed_in_phase_joint_and_resumed_equals_unbroken(unbroken, tmp_path):
    run = unbroken('expansion')
    run_and_kill(run[0], tmp_path, at=7)
    assert (tmp_path / 'last_checkpoint').read_text().endswith('iter_6.pth')
    check_resumed(run, tmp_path, first=6, workers=0)


@pytest.mark.slow
@pytest.mark.parametrize('workers', [(0, 2), (2, 0), (1, 3)])
@pytest.mark.parametrize(
    'stage, at',
    [
        ('expansion', 3),  # separate
        ('expansion', TAU),  # the last iteration before tau, checkpoint lost
        ('expansion', TAU + 1),  # the first joint iteration
        ('expansion', K),
        ('squeeze', 3),
        ('squeeze', 6),
    ])
def test_killed_anywhere_and_resumed_equals_unbroken(unbroken, tmp_path, stage,
                                                     at, workers):
    run = unbroken(stage)
    run_and_kill(run[0], tmp_path, at, workers[0])
    check_resumed(run, tmp_path, (at - 1) // 2 * 2, workers[1])


@pytest.mark.slow
@pytest.mark.parametrize('stage', ['expansion', 'squeeze'])
def test_killed_right_after_a_resume_equals_unbroken(unbroken, tmp_path,
                                                     stage):
    run = unbroken(stage)
    for at in (4, 5, 5, 7):
        run_and_kill(run[0], tmp_path, at)
    check_resumed(run, tmp_path, first=6, workers=0)
