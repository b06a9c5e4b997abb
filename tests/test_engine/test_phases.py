"""Algorithm 1: two phases, and the switch between them."""
from copy import deepcopy

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train

K, TAU = 4, 2


def parts_of(state: dict, task: str, source: str) -> dict:
    """Return the weights of one task, and its source's head."""
    own = (f'backbone.sub_backbones.{task}.', f'heads.{source}.')
    return {k: v for k, v in state.items() if k.startswith(own)}


def momenta(runner) -> dict:
    """Return the momentum of every parameter that has one."""
    model = runner.model
    state = runner.optim_wrapper.optimizer.state
    return {
        n: state[p]['momentum_buffer']
        for n, p in model.named_parameters() if p in state
    }


@pytest.fixture(scope='module')
def separate(written_sources, tmp_path_factory):
    """Three tasks trained for tau iterations, all in phase 'separate'."""
    sources = deepcopy(written_sources)
    sources[1]['model'] = tiny.faster_rcnn(2)  # draws samples, as dropout does
    cfg = tiny.run_config(sources, tmp_path_factory.mktemp('separate'), K)
    runner = build_runner(cfg)
    start = deepcopy(runner.model.state_dict())
    torch.save(dict(state_dict=start), f'{runner.work_dir}/start.pth')
    runner, losses = train(cfg, TAU, load_from=f'{runner.work_dir}/start.pth')
    return runner, losses, start


@pytest.mark.parametrize('index', [0, 1, 2])
def test_phase_separate_equals_separate_trainings(separate, sources, tmp_path,
                                                  index):
    together, losses, start = separate
    sources[1]['model'] = tiny.faster_rcnn(2)
    source, task = sources[index]['name'], sources[index]['task']
    torch.save(
        dict(state_dict=parts_of(start, task, source)), tmp_path / 'start.pth')
    cfg = tiny.run_config(sources[index:index + 1], tmp_path, K)
    alone, own_losses = train(cfg, TAU, load_from=str(tmp_path / 'start.pth'))
    assert not list(
        differences(*(parts_of(state_of(run)['model'], task, source)
                      for run in (together, alone))))
    assert not list(
        differences(*(parts_of(momenta(run), task, source)
                      for run in (together, alone))))
    for k in range(TAU):
        del own_losses[k]['loss']
        assert not list(
            differences({n: losses[k][n]
                         for n in own_losses[k]}, own_losses[k]))


def test_phase_separate_leaves_the_gammas_alone(separate):
    runner, _, start = separate
    state = runner.model.state_dict()
    gammas = [n for n in state if 'reconciliation' in n]
    assert gammas and not list(
        differences({n: state[n]
                     for n in gammas}, {n: start[n]
                                        for n in gammas}))
    assert not [n for n in momenta(runner) if n in gammas]


def test_phase_joint_trains_every_gamma(separate, sources, tmp_path):
    _, _, start = separate
    # After K - tau = 2 iterations: the last BN moves first, then the rest.
    runner, _ = train(tiny.run_config(sources, tmp_path, K))
    held = momenta(runner)
    moved = {n for n, m in held.items() if m.abs().max() > 0}
    assert {n
            for n in start
            if '.conv.weight' in n and 'reconciliation' in n} <= moved


def test_the_switch_keeps_the_optimizer_state(sources, tmp_path):
    runner, _ = train(tiny.run_config(sources, tmp_path, K), TAU)
    before = {n: m.clone() for n, m in momenta(runner).items()}
    groups = deepcopy(runner.optim_wrapper.param_groups[0]['lr'])
    optimizer = runner.optim_wrapper.optimizer
    runner.train_loop.enter('joint')
    assert runner.optim_wrapper.optimizer is optimizer
    assert runner.optim_wrapper.param_groups[0]['lr'] == groups
    assert before and not list(differences(before, momenta(runner)))
    held = {p for g in optimizer.param_groups for p in g['params']}
    assert set(runner.model.backbone.reconciliation.parameters()) <= held


def test_the_switch_changes_no_output(separate, batch):
    model = deepcopy(separate[0].model).eval()
    inputs = model.data_preprocessor(batch)['inputs']
    assert not list(
        differences(
            model(inputs, phase='separate'), model(inputs, phase='joint')))


@pytest.mark.parametrize('join_iter, phases',
                         [(0, ['joint'] * 4),
                          (1, ['separate'] + ['joint'] * 3),
                          (4, ['separate'] * 4)])
def test_tau_iterations_are_separate(sources, tmp_path, join_iter, phases):
    cfg = tiny.run_config(sources[:1], tmp_path, K)
    cfg['train_cfg']['join_iter'] = join_iter
    loop = build_runner(cfg).train_loop
    seen = []
    for loop._iter in range(K):
        seen.append(loop.phase)
    assert seen == phases


@pytest.mark.parametrize('train_cfg, words', [
    (dict(join_iter=5), 'join_iter=5 .* max_iters=4'),
    (dict(join_iter=-1), 'join_iter=-1'),
    (dict(max_iters=0, join_iter=0), 'max_iters=0'),
    (dict(max_iters=2.5), 'max_iters=2.5'),
])
def test_wrong_lengths_are_refused(sources, tmp_path, train_cfg, words):
    cfg = tiny.run_config(sources[:1], tmp_path, K)
    cfg['train_cfg'].update(train_cfg)
    with pytest.raises(UserError, match=words):
        build_runner(cfg).train_loop
