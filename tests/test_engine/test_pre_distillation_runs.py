"""X-Learner++ in whole runs: phases, clipping, resume, two processes.

Norm layers of the two-process run are GroupNorm, see test_two_processes.py.
"""
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from test_two_processes import check_close
from test_two_processes import config as without_batch_norm
from test_two_processes import run_two

from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (build_runner, differences, state_of,
                                      state_of_file, train)
from xlearner_mm.testing.teachers import pre_distillation

K, TAU = 6, 3
NAMES = ['animals', 'things', 'stuff']
GUIDANCE = 'pre_distillation.guidance.'


def config(sources: list[dict], folder: Path, **kwargs) -> dict:
    """Config of a run with a teacher for each source."""
    cfg = tiny.run_config(deepcopy(sources), folder / 'run', max_iters=K)
    names = [source['name'] for source in sources]
    cfg['model']['pre_distillation'] = pre_distillation(
        names, folder / 'teachers', **kwargs)
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    return cfg


@pytest.fixture(scope='module')
def unbroken(written_sources, tmp_path_factory):
    """Config, runner and losses of one run over three tasks."""
    cfg = config(written_sources, tmp_path_factory.mktemp('plusplus'))
    return (cfg, *train(cfg))


def test_hints_are_logged_before_tau_alone(unbroken):
    for k, losses in unbroken[2].items():
        found = {name for name in losses if 'hint' in name}
        expected = {f'{n}.pre_hint_loss' for n in NAMES} if k < TAU else set()
        assert found == expected


def test_guidance_layers_train_before_tau_alone(unbroken):
    cfg, runner, _ = unbroken
    first, at_tau, last = (
        state_of_file(Path(cfg['work_dir'], f'iter_{k}.pth'))['model']
        for k in (1, TAU, K))
    names = [n for n in last if n.startswith(GUIDANCE)]
    weights = [n for n in names if n.endswith('weight')]
    assert len(weights) == 6
    assert all(not torch.equal(first[n], at_tau[n]) for n in weights)
    assert all(torch.equal(at_tau[n], last[n]) for n in names)
    frozen = {
        n
        for n, p in runner.model.named_parameters() if not p.requires_grad
    }
    assert frozen == {n for n, _ in runner.model.named_parameters()
                      if n.startswith(GUIDANCE)}  # yapf: disable


def test_hints_of_weight_zero_leave_the_run_as_without(unbroken, tmp_path):
    cfg = deepcopy(unbroken[0])
    cfg['model']['pre_distillation']['hint'] = dict(
        type='HintLoss', loss_weight=0.0)
    zero, losses = train(cfg, work_dir=str(tmp_path / 'zero'))
    del cfg['model']['pre_distillation']
    bare, expected = train(cfg, work_dir=str(tmp_path / 'bare'))
    own = {
        k: v
        for k, v in zero.model.state_dict().items()
        if not k.startswith(GUIDANCE)
    }
    assert not list(differences(own, dict(bare.model.state_dict())))
    for k in range(K):
        common = {n: losses[k][n] for n in expected[k]}
        assert not list(differences(common, expected[k]))


@pytest.mark.parametrize('at', [1, TAU - 1, TAU, TAU + 1])
def test_resumed_equals_unbroken(unbroken, tmp_path, at):
    cfg, runner, losses = unbroken
    file = Path(cfg['work_dir'], f'iter_{at}.pth')
    resumed, found = train(
        deepcopy(cfg),
        work_dir=str(tmp_path),
        load_from=str(file),
        resume=True)
    expected = {k: v for k, v in losses.items() if k >= at}
    assert not list(differences(found, expected))
    assert not list(differences(state_of(resumed), state_of(runner)))


def test_a_clipped_phase_1_equals_the_task_trained_alone(sources, tmp_path):
    cls, seg = sources[0], sources[2]
    runners = []
    for label, some in (('both', [cls, seg]), ('alone', [cls])):
        cfg = config(some, tmp_path / label)
        cfg['train_cfg'].update(max_iters=2, join_iter=2)
        cfg['optim_wrapper']['clip_grad'] = dict(max_norm=0.05)
        runners.append(build_runner(cfg))
    both, alone = runners
    both.model.init_weights(), alone.model.init_weights()
    both.model.load_state_dict({
        **both.model.state_dict(),
        **alone.model.state_dict()
    })
    both.train(), alone.train()
    trained = both.model.state_dict()
    for key, value in alone.model.state_dict().items():
        assert torch.equal(trained[key], value), key


@pytest.mark.slow
def test_two_processes_equal_one(written_sources, tmp_path):
    norm = dict(type='GN', num_groups=4)
    hints = pre_distillation(['animals', 'stuff'],
                             tmp_path / 'teachers',
                             guidance=dict(
                                 type='GuidanceLayer', norm_cfg=norm))
    configs = {}
    for ranks in (1, 2):
        (tmp_path / str(ranks)).mkdir()
        configs[ranks] = without_batch_norm(written_sources,
                                            tmp_path / str(ranks), ranks)
        configs[ranks]['model']['pre_distillation'] = hints
    runner, _ = train(configs[1])
    first, second = run_two(configs[2], tmp_path / '2')
    assert not list(differences(first['model'], second['model']))
    check_close(first, state_of(runner))
    start = train(configs[1], 1, work_dir=str(tmp_path / 'start'))[0]
    for name, value in start.model.state_dict().items():
        if name.startswith(GUIDANCE):
            assert not torch.equal(first['model'][name], value)


def test_tau_0_leaves_no_phase_for_the_hints(sources, tmp_path):
    cfg = config(sources, tmp_path)
    cfg['train_cfg']['join_iter'] = 0
    with pytest.raises(UserError, match='join_iter=0 leaves no phase'):
        build_runner(cfg).train_loop
