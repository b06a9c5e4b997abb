"""Plain answers from upstream's data samples, by hand."""
import json

import cv2
import numpy as np
import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData, PixelData
from mmpretrain.structures import DataSample
from mmseg.structures import SegDataSample

from xlearner_mm.apis.inference import as_answer, write_answers
from xlearner_mm.apis.inference.pictures import draw_answers
from xlearner_mm.errors import UserError


def seg_sample(**maps) -> SegDataSample:
    """A sample with some maps, each (H, W)."""
    sample = SegDataSample()
    sample.set_data({
        name: PixelData(data=torch.as_tensor(values)[None])
        for name, values in maps.items()
    })
    return sample


def test_classes_are_the_likeliest_first():
    sample = DataSample().set_pred_score(torch.tensor([0.2, 0.5, 0.3]))
    assert as_answer(
        sample, ['a', 'b', 'c'], topk=2) == dict(
            labels=[1, 2], classes=['b', 'c'], scores=[0.5, 0.3])


def test_labels_without_names_are_numbered():
    sample = DataSample().set_pred_score(torch.tensor([0.2, 0.8]))
    assert as_answer(sample)['classes'] == ['class 1', 'class 0']


def test_boxes_below_the_threshold_are_left_out():
    sample = DetDataSample(
        pred_instances=InstanceData(
            bboxes=torch.tensor([[1., 2, 3, 4], [5., 6, 7, 8]]),
            scores=torch.tensor([0.75, 0.25]),
            labels=torch.tensor([1, 0])))
    assert as_answer(
        sample, ['a', 'b'], score_thr=0.5) == dict(
            labels=[1], classes=['b'], scores=[0.75], boxes=[[1, 2, 3, 4]])


def test_a_mask_says_what_share_each_class_covers():
    sample = seg_sample(pred_sem_seg=[[2, 2, 0, 2]])
    answer = as_answer(sample, ['a', 'b', 'c'])
    assert answer.pop('mask').tolist() == [[2, 2, 0, 2]]
    assert answer == dict(
        labels=[2, 0], classes=['c', 'a'], shares=[0.75, 0.25])


def test_masks_of_many_classes_survive_the_file(tmp_path):
    answer = as_answer(seg_sample(pred_sem_seg=[[7, 300, 65535]]))
    write_answers(dict(stuff=answer), np.zeros((4, 4, 3), np.uint8),
                  tmp_path / 'x')  # yapf: disable
    held = json.loads((tmp_path / 'x.json').read_text())['stuff']
    mask = cv2.imread(str(tmp_path / held['mask']), cv2.IMREAD_UNCHANGED)
    assert mask.tolist() == [[7, 300, 65535]]


def test_depth_is_given_written_and_drawn(tmp_path):
    depth = [[0.5, 1.5], [2.5, 3.5]]
    answers = dict(room=as_answer(seg_sample(pred_depth_map=depth)))
    assert answers['room']['depth'].tolist() == depth
    picture = draw_answers(np.zeros((2, 2, 3), np.uint8), answers)
    assert picture.std() > 10
    write_answers(answers, picture, tmp_path / 'x')
    held = json.loads((tmp_path / 'x.json').read_text())['room']
    assert np.load(tmp_path / held['depth']).tolist() == depth


def test_a_prediction_of_another_kind_is_refused():
    with pytest.raises(UserError, match=r"\['pose'\] has no plain form"):
        as_answer(SegDataSample(pose=PixelData()))
