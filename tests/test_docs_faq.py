"""What faq.md says of upstream is so: messages are quoted as they come."""
import re
from pathlib import Path

import mmdet.models  # noqa: F401
import mmpretrain.models  # noqa: F401
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import HistoryBuffer

from xlearner_mm.registry import MODELS

FAQ = (Path(__file__).resolve().parents[1] / 'docs/en/faq.md').read_text()


def quoted(message: str) -> str:
    """Return a message that a heading quotes, as a pattern."""
    assert re.search(f'^### .*`{re.escape(message)}', FAQ, re.M), message
    return re.escape(message)


def test_a_part_of_another_package_is_not_found():
    with pytest.raises(
            KeyError,
            match=quoted('ResNet is not in the xlearner_mm::model registry')):
        MODELS.build(dict(type='ResNet', depth=18))


def test_bases_with_a_common_helper_are_refused(tmp_path):
    for name in 'ab':
        (tmp_path / f'{name}.py').write_text('helper = 1\n')
    (tmp_path / 'c.py').write_text("_base_ = ['./a.py', './b.py']\n")
    with pytest.raises(
            KeyError,
            match=quoted('Duplicate key is not allowed among bases')):
        Config.fromfile(tmp_path / 'c.py')


def test_a_runs_checkpoint_is_more_than_weights(tmp_path):
    history = dict(loss=HistoryBuffer([1.], [1]))
    torch.save(history, tmp_path / 'iter_1.pth')
    with pytest.raises(Exception, match=quoted('Weights only load failed')):
        torch.load(tmp_path / 'iter_1.pth', weights_only=True)


def test_eval_of_mmpretrain_returns_nothing():
    assert MODELS.build(dict(type='mmpretrain.ResNet',
                             depth=18)).eval() is None


def test_mmdets_resnet_is_made_for_trained_weights():
    net = MODELS.build(dict(type='mmdet.ResNet', depth=18))
    other = MODELS.build(dict(type='mmpretrain.ResNet', depth=18))
    assert net.norm_eval and not other.norm_eval


@pytest.mark.parametrize('package, stem', [('mmdet', 45), ('mmpretrain', 64)])
def test_the_stem_follows_base_channels_in_mmdet_alone(package, stem):
    net = MODELS.build(
        dict(type=f'{package}.ResNet', depth=18, base_channels=45))
    assert net.conv1.out_channels == stem
