"""Pictures of the losses beside the logged numbers."""
from copy import deepcopy

import cv2
import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences, state_of, train

HOOK = dict(type='LossCurvesHook', interval=2)


def run(written_sources, work_dir, hooks, **kwargs) -> tuple:
    cfg = tiny.run_config(
        deepcopy(written_sources[:1]),
        work_dir,
        max_iters=5,
        custom_hooks=hooks)
    return train(cfg, **kwargs)


def test_pictures_change_nothing_and_come_at_the_interval(
        written_sources, tmp_path):
    backends = [
        dict(type='LocalVisBackend'),
        dict(type='TensorboardVisBackend')
    ]
    drawn, losses = run(
        written_sources,
        tmp_path / 'drawn', [HOOK],
        vis_backends=backends,
        visualizer=dict(type='Visualizer', vis_backends=backends))
    plain, plain_losses = run(written_sources, tmp_path / 'plain', [])
    assert not [*differences(losses, plain_losses)]
    assert not [*differences(state_of(drawn), state_of(plain))]
    pictures = sorted((tmp_path / 'drawn').glob('*/vis_data/vis_image/*'))
    assert [p.name for p in pictures
            ] == ['losses_2.png', 'losses_4.png', 'losses_5.png']
    assert all(cv2.imread(str(p)).std() > 5 for p in pictures)


def test_a_run_without_files_of_its_log_is_refused(written_sources, tmp_path):
    backends = [dict(type='TensorboardVisBackend')]
    with pytest.raises(UserError, match="add dict.type='LocalVisBackend'"):
        run(written_sources,
            tmp_path, [HOOK],
            visualizer=dict(type='Visualizer', vis_backends=backends))
