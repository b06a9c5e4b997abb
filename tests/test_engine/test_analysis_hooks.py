"""Hooks that measure a run: what they log, and that the run stays the same."""
import json
from pathlib import Path

import pytest
import torch
from test_two_processes import config as without_batch_norm
from test_two_processes import launch

from xlearner_mm.analysis import GAMMA_NORM, GRADIENT_COSINE, read_history
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train

HOOKS = [
    dict(type='ReconciliationNormHook', interval=1),
    dict(type='GradientConflictHook', interval=2)
]
BACKENDS = dict(
    visualizer=dict(
        type='Visualizer',
        vis_backends=[
            dict(type='LocalVisBackend'),
            dict(type='TensorboardVisBackend')
        ]))


def hard_sharing(sources: list[dict], work_dir: Path) -> dict:
    """Config of two iterations of hard-sharing."""
    cfg = tiny.run_config(sources, work_dir, max_iters=2)
    cfg['model'].update(type='HardSharingModel', backbone=tiny.sub_backbone())
    cfg['train_cfg'].update(type='MultiSourceTrainLoop')
    del cfg['train_cfg']['join_iter']
    return cfg


@pytest.fixture(scope='module')
def measured(written_sources, tmp_path_factory):
    """A run with both hooks: its runner, losses and folder."""
    folder = tmp_path_factory.mktemp('measured')
    cfg = tiny.run_config(
        written_sources,
        folder,
        custom_hooks=HOOKS,
        log_level='INFO',
        **BACKENDS)
    return (*train(cfg), folder)


def test_an_expansion_with_the_hooks_is_the_same_run(measured, sources,
                                                     tmp_path):
    runner, losses = train(tiny.run_config(sources, tmp_path, custom_hooks=[]))
    assert not list(differences(state_of(measured[0]), state_of(runner)))
    assert not list(differences(measured[1], losses))


@pytest.mark.parametrize('kind', ['hard-sharing', 'per_task'])
def test_other_runs_with_the_hooks_are_the_same(sources, tmp_path, kind):
    ends = []
    for hooks in ([], HOOKS):
        cfg = hard_sharing(sources, tmp_path / str(len(hooks)))
        if kind == 'per_task':
            cfg = tiny.run_config(sources, tmp_path / str(len(hooks)))
            cfg['model']['backward'] = 'per_task'
        chosen = hooks[1:] if kind == 'hard-sharing' else hooks
        runner, losses = train(cfg, custom_hooks=chosen)
        ends.append((state_of(runner), losses))
    assert not list(differences(*ends))


def test_gammas_are_measured_in_phase_joint_at_their_iterations(measured):
    runner, _, folder = measured
    history = read_history(folder, GAMMA_NORM)
    assert list(history) == [3, 4]  # tau = 2
    keys = [e.key for e in runner.model.backbone.reconciliation.edges]
    assert all(list(row) == keys for row in history.values())
    assert all(value > 0 for value in history[4].values())


def test_gradients_are_measured_at_the_interval_and_apart_between_tasks(
        measured):
    history = read_history(measured[2], GRADIENT_COSINE)
    assert list(history) == [0, 2]
    assert history[2] == {
        'animals-things': 0,
        'animals-stuff': 0,
        'things-stuff': 0
    }


def test_sources_that_share_a_backbone_have_cosines(sources, tmp_path):
    train(hard_sharing(sources, tmp_path), custom_hooks=HOOKS[1:])
    row, = read_history(tmp_path, GRADIENT_COSINE).values()
    assert len(row) == 3
    assert all(0 < abs(value) < 1 for value in row.values())


def test_pictures_are_images_of_the_visualizer(measured):
    folder = measured[2]
    images = {f.name for f in folder.glob('*/vis_data/vis_image/*.png')}
    assert images == {
        'reconciliation_3.png', 'reconciliation_4.png',
        'gradient_conflict_0.png', 'gradient_conflict_2.png'
    }
    events, = folder.glob('*/vis_data/events*')
    assert b'reconciliation' in events.read_bytes()
    assert b'gamma_norm/cls_0_to_det_0' in events.read_bytes()


def test_neither_text_log_nor_checkpoint_holds_the_values(measured):
    folder = measured[2]
    text, = folder.glob('*/*.log')
    assert 'animals.loss' in text.read_text()
    assert 'gamma_norm' not in text.read_text()
    held = torch.load(folder / 'iter_4.pth', weights_only=False)
    assert not any('gamma' in key or 'cosine' in key
                   for key in held['message_hub']['log_scalars'])


def test_a_resumed_run_draws_what_was_measured_before(sources, tmp_path):
    cfg = tiny.run_config(sources, tmp_path, custom_hooks=HOOKS[:1])
    train(cfg, stop_at=3)
    runner, _ = train(cfg, resume=True)
    hook, = (
        h for h in runner.hooks
        if type(h).__name__ == 'ReconciliationNormHook')
    assert hook.history == read_history(tmp_path, GAMMA_NORM)
    assert list(hook.history) == [3, 4]


def test_the_last_attempt_counts_in_a_history(tmp_path):
    for attempt, value in dict(a=1.0, b=2.0).items():
        file = tmp_path / attempt / 'vis_data/scalars.json'
        file.parent.mkdir(parents=True)
        rows = [dict(loss=1, step=7), {'gamma_norm/x': value, 'step': 7}]
        file.write_text('\n'.join(map(json.dumps, rows)))
    assert read_history(tmp_path, GAMMA_NORM) == {7: dict(x=2.0)}


@pytest.mark.parametrize('hook, word', [(0, 'no reconciliation layers'),
                                        (1, 'several sources')])
def test_models_without_what_is_measured_are_refused(sources, tmp_path, hook,
                                                     word):
    cfg = hard_sharing(sources[:1], tmp_path)
    with pytest.raises(UserError, match=word):
        build_runner(cfg, custom_hooks=HOOKS[hook:hook + 1]).train()


@pytest.mark.slow
def test_two_processes_measure_what_one_does(written_sources, tmp_path):
    found = []
    for ranks in (1, 2):
        folder = tmp_path / str(ranks)
        folder.mkdir()
        cfg = without_batch_norm(written_sources, folder, ranks)
        cfg['train_cfg'].update(max_iters=2, join_iter=1)
        cfg['model']['backward'] = 'per_task'
        cfg['custom_hooks'] = HOOKS
        several = [*cfg['sources'], dict(cfg['sources'][0], name='plants')]
        for place in (cfg, cfg['model'], cfg['train_dataloader']):
            place['sources'] = several
        if ranks == 1:
            train(cfg)
        else:
            done = launch(cfg, folder)
            assert done.returncode == 0, done.stderr[:6000]
        found.append([
            read_history(folder, name)
            for name in (GAMMA_NORM, GRADIENT_COSINE)
        ])
    (norms, cosines), (norms_of_two, cosines_of_two) = found
    assert list(norms) == [2] and list(cosines) == [0]
    assert norms_of_two[2] == pytest.approx(norms[2], rel=1e-3)
    assert cosines_of_two[0] == pytest.approx(cosines[0], abs=1e-4)
    assert 0 < abs(cosines[0]['animals-plants']) < 1
