"""Two processes with half the batch each equal one with the whole batch.

Norm layers are GroupNorm, which knows no batch, and no head divides by a
number that differs between the halves (as detectors do by their positives).
"""
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (differences, state_of, state_of_file,
                                      train)

SCRIPT = Path(__file__).with_name('run_stage.py')
NORM = dict(type='GN', num_groups=4)
K, TAU = 6, 3


def config(sources: list[dict], work_dir: Path, ranks: int) -> dict:
    """Config of a run without BatchNorm, 4 images per source in all."""
    sources = deepcopy([sources[0], sources[2]])
    for source in sources:
        source['batch_size'] = 4 // ranks
    for head in ('decode_head', 'auxiliary_head'):
        sources[1]['model'][head].update(norm_cfg=NORM, dropout_ratio=0)
    cfg = tiny.run_config(sources, work_dir, K, log_level='WARNING')
    cfg['model']['backbone'].update(
        sub_backbone=tiny.sub_backbone(norm_cfg=NORM),
        reconciliation=dict(type='BottomUpReconciliation', norm_cfg=NORM))
    cfg['train_cfg']['join_iter'] = TAU
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    return cfg


def launch(cfg: dict, folder: Path, *event:
           str) -> subprocess.CompletedProcess:
    """Run a config in two processes."""
    text = Config(cfg, format_python_code=False).pretty_text
    (folder / 'config.py').write_text(text)
    env = dict(
        os.environ, PYTHONPATH=str(SCRIPT.parents[2]), OMP_NUM_THREADS='1')
    command = [
        sys.executable, '-m', 'torch.distributed.run', '--standalone',
        '--nproc-per-node=2', SCRIPT, folder / 'config.py', folder / 'out'
    ]
    return subprocess.run([*command, *event],
                          env=env,
                          capture_output=True,
                          text=True)


def run_two(cfg: dict, folder: Path) -> list[dict]:
    """Run a config in two processes; return what each has in the end."""
    done = launch(cfg, folder)
    assert done.returncode == 0, done.stderr[:6000]
    return [torch.load(folder / f'out_{rank}.pth') for rank in range(2)]


@pytest.fixture(scope='module')
def one(written_sources, tmp_path_factory):
    """The run in one process."""
    folder = tmp_path_factory.mktemp('one')
    return (*train(config(written_sources, folder, ranks=1)), folder)


@pytest.fixture(scope='module')
def two(written_sources, tmp_path_factory):
    """The run in two processes."""
    folder = tmp_path_factory.mktemp('two')
    return run_two(config(written_sources, folder, ranks=2), folder), folder


def check_close(state: dict, expected: dict) -> None:
    """Compare up to the order of float sums."""
    for name, value in expected['model'].items():
        torch.testing.assert_close(
            state['model'][name], value, rtol=1e-4, atol=1e-6)
    for i, held in expected['optimizer']['state'].items():
        torch.testing.assert_close(
            state['optimizer']['state'][i], held, rtol=1e-3, atol=1e-5)


def test_two_processes_equal_one(one, two):
    runner, losses, _ = one
    for rank in two[0]:
        check_close(rank, state_of(runner))
    for k, expected in losses.items():
        halves = [rank['losses'][k]['loss'] for rank in two[0]]
        assert sum(halves).item() / 2 == pytest.approx(
            expected['loss'].item(), rel=1e-5)


def test_ranks_end_with_the_same_weights_and_trained_gammas(one, two):
    first, second = two[0]
    assert not list(differences(first['model'], second['model']))
    fresh = one[0].model.backbone.reconciliation
    fresh = {f'backbone.reconciliation.{n}': p
             for n, p in fresh.named_parameters()}  # yapf: disable
    at_tau = state_of_file(two[1] / f'iter_{TAU}.pth')['model']
    assert all(not torch.equal(first['model'][n], at_tau[n]) for n in fresh)


def test_a_backward_pass_for_each_task_equals_one_process(
        one, written_sources, tmp_path):
    cfg = config(written_sources, tmp_path, ranks=2)
    cfg['model']['backward'] = 'per_task'
    first, second = run_two(cfg, tmp_path)
    check_close(first, state_of(one[0]))
    assert not list(differences(first['model'], second['model']))


@pytest.mark.slow
def test_two_processes_prune_and_fine_tune_as_one(one, written_sources,
                                                  tmp_path):
    ends = []
    for ranks in (1, 2):
        cfg = config(written_sources, tmp_path / str(ranks), ranks)
        cfg['train_cfg'].update(max_iters=2, join_iter=0)
        cfg['model'].update(
            type='PrunedExpansionModel',
            expansion=str(one[2] / f'iter_{K}.pth'))
        cfg['model']['backbone'].update(type='PrunedExpandedResNet')
        (tmp_path / str(ranks)).mkdir()
        ends += ([state_of(train(cfg)[0])] if ranks == 1 else run_two(
            cfg, tmp_path / '2'))
    expected, first, second = ends
    assert not list(differences(first['model'], second['model']))
    check_close(first, expected)
    for name, mask in expected['model'].items():
        if name.endswith('weight_mask'):
            assert torch.equal(first['model'][name], mask)


@pytest.mark.slow
@pytest.mark.parametrize('at', [TAU - 1, TAU, TAU + 1])
@pytest.mark.parametrize('ranks', [1, 2])
def test_a_resume_may_change_the_number_of_processes(one, two, written_sources,
                                                     tmp_path, ranks, at):
    cfg = config(written_sources, tmp_path, ranks)
    folder = (one[2], two[1])[2 - ranks]
    cfg.update(resume=True, load_from=str(folder / f'iter_{at}.pth'))
    expected = state_of(one[0])
    if ranks == 1:
        check_close(state_of(train(cfg)[0]), expected)
    else:
        for rank in run_two(cfg, tmp_path):
            check_close(rank, expected)


@pytest.mark.slow
def test_a_loss_that_is_not_finite_on_one_rank_stops_both(
        written_sources, tmp_path):
    done = launch(config(written_sources, tmp_path, 2), tmp_path, 'nan:2')
    words = 'iteration 2: the loss is not finite: on another rank'
    assert words in done.stderr
    assert 'animals.loss = nan' in done.stderr
    assert (tmp_path / 'last_checkpoint').read_text().endswith('iter_2.pth')


@pytest.mark.smoke
def test_a_killed_rank_ends_the_other_and_the_run_resumes(
        one, written_sources, tmp_path):
    cfg = config(written_sources, tmp_path, ranks=2)
    done = launch(cfg, tmp_path, f'lose:{TAU + 2}')
    assert done.returncode == 1
    assert 'Signal 9 (SIGKILL)' in done.stderr, done.stderr[-6000:]
    assert not list(tmp_path.glob('out_*'))
    last = (tmp_path / 'last_checkpoint').read_text()
    first = int(last.removesuffix('.pth').rpartition('_')[2])
    assert first in (TAU + 1, TAU + 2)  # whether rank 0 still wrote it
    alone = config(written_sources, tmp_path, ranks=1)
    runner, losses = train(alone, resume=True)
    assert list(losses) == list(range(first, K))
    check_close(state_of(runner), state_of(one[0]))
