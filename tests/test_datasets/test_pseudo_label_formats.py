"""Which labels of one prediction are kept."""
import math

import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData, PixelData
from mmpretrain.structures import DataSample
from mmseg.structures import SegDataSample

from xlearner_mm.datasets.pseudo_labels import format_of
from xlearner_mm.datasets.pseudo_labels.formats import (ClassList, CocoJson,
                                                        IndexPng, pixel_scores)
from xlearner_mm.errors import UserError
from xlearner_mm.sources import Source

#: No float32 is between the two.
SCORE, ABOVE = 0.5, math.nextafter(0.5, 1.0)


def classified(score: float) -> DataSample:
    """Return a prediction of class 1 with this probability."""
    scores = torch.tensor([(1 - score) / 2, score, (1 - score) / 2])
    return DataSample().set_pred_score(scores).set_pred_label(1)


def detected(*scores: float) -> DetDataSample:
    """Return boxes with these scores in an image of 20 x 30 pixels."""
    count = len(scores)
    found = InstanceData(
        bboxes=torch.tensor([[1., 2., 11., 7.]] * count).reshape(-1, 4),
        labels=torch.zeros(count, dtype=torch.long),
        scores=torch.tensor(scores))
    return DetDataSample(
        metainfo=dict(ori_shape=(20, 30)), pred_instances=found)


def segmented(logits: torch.Tensor, labels: torch.Tensor) -> SegDataSample:
    """Return a segmentor's prediction."""
    return SegDataSample(
        seg_logits=PixelData(data=logits),
        pred_sem_seg=PixelData(data=labels[None]))


@pytest.mark.parametrize('threshold, kept', [(SCORE, 1), (ABOVE, 0)])
def test_a_class_at_the_threshold_is_kept_below_it_dropped(
        tmp_path, threshold, kept):
    row = ClassList(tmp_path, threshold).row('a.png', classified(SCORE))
    assert row == dict(path='a.png', label=1, kept=kept, dropped=1 - kept)


@pytest.mark.parametrize('threshold, kept', [(SCORE, 2), (0.6, 1), (0.95, 0)])
def test_boxes_below_the_threshold_are_left_out(tmp_path, threshold, kept):
    row = CocoJson(tmp_path, threshold).row('a.png', detected(0.9, SCORE, 0.1))
    assert row['boxes'] == [[1, 2, 11, 7]] * kept
    assert (row['height'], row['width']) == (20, 30)
    assert (row['kept'], row['dropped']) == (kept, 3 - kept)


def test_an_image_without_any_box_is_an_empty_image(tmp_path):
    row = CocoJson(tmp_path, SCORE).row('a.png', detected())
    assert (row['kept'], row['dropped'], row['boxes']) == (0, 0, [])


@pytest.mark.parametrize('threshold, kept', [(SCORE, 6), (0.6, 0)])
def test_pixels_below_the_threshold_are_255(tmp_path, threshold, kept):
    sample = segmented(torch.zeros(2, 2, 3), torch.zeros(2, 3).long())
    row = IndexPng(tmp_path, threshold).row('a/b.png', sample)
    assert row == dict(path='a/b.png', kept=kept, dropped=6 - kept)


def test_one_channel_is_the_probability_of_class_1():
    """So mmseg gives it, with a threshold of the head's own."""
    foreground = torch.tensor([[[0.9, 0.4, 0.1]]])
    labels = torch.tensor([[1, 1, 0]])  # its threshold: 0.3
    scores = pixel_scores(segmented(foreground, labels))
    assert torch.equal(scores, torch.tensor([[0.9, 0.4, 0.9]]))


def test_what_no_format_can_hold_is_refused(tmp_path):
    depth = SegDataSample(pred_depth_map=PixelData(data=torch.ones(1, 2, 3)))
    with pytest.raises(UserError, match='SegDataSample .* no pred_sem_seg'):
        IndexPng(tmp_path, SCORE).row('a.png', depth)
    source = Source(name='x', task='pose', scope='mmengine')
    with pytest.raises(UserError, match="'x': no format .* scope 'mmengine'"):
        format_of(source)


def test_classes_beyond_a_byte_are_refused(tmp_path):
    sample = segmented(torch.zeros(256, 1, 1), torch.full((1, 1), 255))
    with pytest.raises(UserError, match='a.png: class 255 is predicted'):
        IndexPng(tmp_path, 0.0).row('a.png', sample)
