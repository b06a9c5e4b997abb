"""What a training of the suite makes of its config."""
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.errors import UserError
from xlearner_mm.transfer.launching import score_of, share_batch


@pytest.mark.parametrize('processes, base, expected', [(1, 16, 16), (4, 16, 4),
                                                       (2, None, 4)])
def test_processes_share_the_total_batch(processes, base, expected):
    cfg = Config(dict(train_dataloader=dict(batch_size=8)))
    if base:
        cfg.auto_scale_lr = dict(base_batch_size=base)
    shared = share_batch(cfg, processes)
    assert shared.train_dataloader.batch_size == expected
    assert cfg.train_dataloader.batch_size == 8


def test_a_batch_that_cannot_be_shared_is_named():
    with pytest.raises(UserError, match='3 processes .* batch of 8 images'):
        share_batch(Config(dict(train_dataloader=dict(batch_size=8))), 3)


def test_score_is_in_percent():
    transfer = dict(metric='coco/bbox_mAP_50', scale=100.0)
    where = Path('run')
    assert score_of({'coco/bbox_mAP_50': 0.25}, transfer, where) == 25
    assert score_of({}, transfer, where) == 0  # nothing was detected
    with pytest.raises(UserError, match=r"no metric 'coco.*\['mIoU'\]"):
        score_of(dict(mIoU=3.0), transfer, where)
    with pytest.raises(UserError, match=r"no metric 'mIoU' among \[\]"):
        score_of({}, dict(metric='mIoU'), where)
