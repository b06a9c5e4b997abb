"""Metrics of every source, and their average."""
import json
from pathlib import Path

import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train


def config(sources, work_dir, split: str = 'val', **kwargs) -> dict:
    """Config of a run that evaluates every source."""
    evaluation = {
        f'{split}_dataloader': dict(sources=sources),
        f'{split}_evaluator': dict(sources=sources),
        f'{split}_cfg': dict(type=f'MultiSource{split.title()}Loop')
    }
    return tiny.run_config(sources, work_dir, **evaluation, **kwargs)


@pytest.fixture(params=['val', 'test'])
def metrics(request, sources, tmp_path):
    """Metrics of an untrained model."""
    runner = build_runner(config(sources, tmp_path, request.param))
    return getattr(runner, request.param)()


def test_metrics_carry_their_source(metrics):
    assert {key.split('/')[0]
            for key in metrics} == {'animals', 'things', 'stuff', 'average'}
    assert {'animals/top1', 'stuff/mIoU', 'things/bbox_mAP'} <= set(metrics)


def test_the_average_is_that_of_the_key_metrics_in_percent(metrics):
    expected = (metrics['animals/top1'] + 100 * metrics['things/bbox_mAP'] +
                metrics['stuff/mIoU']) / 3
    assert metrics['average/score'] == pytest.approx(expected)
    assert metrics['average/score'] > 0


def test_a_detector_that_finds_nothing_counts_as_zero(sources, tmp_path):
    sources[1]['model']['test_cfg']['score_thr'] = 2.0
    found = build_runner(config(sources[1:2], tmp_path)).val()
    assert found['things/bbox_mAP'] == found['average/score'] == 0


def test_the_best_checkpoint_is_kept_by_the_average(sources, tmp_path):
    cfg = config(sources, tmp_path, max_iters=2)
    cfg['train_cfg']['val_interval'] = 1
    cfg['default_hooks']['checkpoint'].update(
        save_best='average/score', rule='greater')
    runner, _ = train(cfg)
    log = Path(runner.log_dir, 'vis_data/scalars.json').read_text()
    scores = [
        row['average/score'] for row in map(json.loads, log.splitlines())
        if 'average/score' in row
    ]
    assert len(scores) == 2
    best = 1 + scores.index(max(scores))
    assert list(tmp_path.glob(f'best_average_score_iter_{best}.pth'))


def test_validation_changes_nothing_in_training(sources, tmp_path):
    cfg = config(sources, tmp_path / 'val', max_iters=3)
    cfg['train_cfg']['val_interval'] = 1
    with_val = train(cfg)
    without = train(tiny.run_config(sources, tmp_path / 'plain', max_iters=3))
    assert not list(differences(with_val[1], without[1]))
    assert not list(
        differences(*(state_of(r) for r, _ in (with_val, without))))


def test_a_source_without_evaluator_is_refused(sources, tmp_path):
    sources[0]['evaluator'] = None
    with pytest.raises(UserError, match="'animals' .* no evaluator"):
        build_runner(config(sources, tmp_path)).val()
