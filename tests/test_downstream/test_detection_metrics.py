"""Upstream's detection metrics against independent computations."""
import json

import numpy as np
import pytest
import torch
from mmdet.evaluation import CocoMetric, VOCMetric
from mmdet.structures.mask import encode_mask_results
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIZE = 120  # of a picture, in pixels
CLASSES = ('cat', 'dog', 'hen')


def random_boxes(rng, count: int) -> np.ndarray:
    """Draw corners (count, 4) of boxes of 8 to 60 pixels."""
    low = rng.integers(0, 50, (count, 2))
    return np.hstack([low, low + rng.integers(8, 60,
                                              (count, 2))]).astype(np.float32)


def random_picture(rng) -> dict:
    """Draw truths, two fifths difficult, and detections near and far."""
    truths = random_boxes(rng, rng.integers(2, 8))
    near = truths.repeat(3, 0)
    near = near + rng.integers(-4, 5, near.shape)
    found = np.vstack([near, random_boxes(rng, 6)]).astype(np.float32)
    labels = rng.integers(0, 3, len(truths))
    guesses = np.concatenate([labels.repeat(3), rng.integers(0, 3, 6)])
    return dict(
        truths=truths,
        labels=labels,
        difficult=rng.random(len(truths)) < 0.4,
        found=found,
        guesses=guesses,
        scores=rng.permutation(len(found)) / 100 + rng.random() / 1000)


@pytest.fixture
def pictures():
    rng = np.random.default_rng(3)
    return [random_picture(rng) for _ in range(9)]


def overlap(one, two) -> float:
    """Intersection over union of boxes that include their last pixel."""
    width = min(one[2], two[2]) - max(one[0], two[0]) + 1
    height = min(one[3], two[3]) - max(one[1], two[1]) + 1
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(b[2] - b[0] + 1) * (b[3] - b[1] + 1) for b in (one, two)]
    return width * height / (sum(areas) - width * height)


def reference_ap(pictures, label: int) -> float:
    """Compute VOC 2007's AP of one class as its devkit defines it.

    All detections by falling score; each one belongs to the truth it overlaps
    most, at least by half; the first one there is right, any other is wrong,
    and one on a difficult truth counts as neither.
    """
    ranked = sorted(
        ((score, i, box) for i, p in enumerate(pictures)
         for score, box, guess in zip(p['scores'], p['found'], p['guesses'])
         if guess == label),
        key=lambda item: -item[0])
    taken, right, wrong, curve = set(), 0, 0, []
    total = sum(
        ((p['labels'] == label) & ~p['difficult']).sum() for p in pictures)
    for _, i, box in ranked:
        truths = [(overlap(box, truth), t)
                  for t, truth in enumerate(pictures[i]['truths'])
                  if pictures[i]['labels'][t] == label]
        best, t = max(truths, default=(0.0, None))
        if best >= 0.5 and pictures[i]['difficult'][t]:
            continue
        if best >= 0.5 and (i, t) not in taken:
            taken.add((i, t))
            right += 1
        else:
            wrong += 1
        curve.append((right / total, right / (right + wrong)))
    return np.mean([
        max((precision
             for recall, precision in curve if recall >= tenth / 10 - 1e-9),
            default=0.0) for tenth in range(11)
    ])


def voc_samples(pictures) -> list[dict]:

    def instances(picture, chosen):
        return dict(
            bboxes=torch.from_numpy(picture['truths'][chosen]),
            labels=torch.from_numpy(picture['labels'][chosen]))

    return [
        dict(
            gt_instances=instances(p, ~p['difficult']),
            ignored_instances=instances(p, p['difficult']),
            pred_instances=dict(
                bboxes=torch.from_numpy(p['found']),
                labels=torch.from_numpy(p['guesses']),
                scores=torch.from_numpy(p['scores']))) for p in pictures
    ]


def voc_metric(pictures) -> float:
    metric = VOCMetric(metric='mAP', eval_mode='11points')
    metric.dataset_meta = dict(classes=CLASSES, dataset_type='VOC2007')
    metric.process({}, voc_samples(pictures))
    return metric.evaluate(size=len(pictures))['pascal_voc/mAP']


def test_voc_metric_is_the_devkits_11_points(pictures):
    expected = np.mean([reference_ap(pictures, c) for c in range(3)])
    assert 0.3 < expected < 0.9
    assert voc_metric(pictures) == pytest.approx(expected, abs=1e-6)


def test_difficult_boxes_change_the_voc_metric(pictures):
    """Else the agreement above would not show that they are ignored."""
    before = voc_metric(pictures)
    for picture in pictures:
        picture['difficult'][:] = False
    assert abs(voc_metric(pictures) - before) > 0.01
    expected = np.mean([reference_ap(pictures, c) for c in range(3)])
    assert voc_metric(pictures) == pytest.approx(expected, abs=1e-6)


def rectangle(box) -> np.ndarray:
    """Draw a mask (SIZE, SIZE) of a box without its lower right quarter."""
    x, y, right, bottom = (int(v) for v in box)
    mask = np.zeros((SIZE, SIZE), bool)
    mask[max(y, 0):bottom, max(x, 0):right] = True
    mask[(y + bottom) // 2:bottom, (x + right) // 2:right] = False
    return mask


def write_truths(pictures, file) -> None:
    """Write COCO's json; of masks with run lengths."""
    annotations = []
    for i, picture in enumerate(pictures):
        for box, label in zip(picture['truths'].tolist(), picture['labels']):
            mask, = encode_mask_results([rectangle(box)])
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=i + 1,
                    category_id=7 + int(label),
                    iscrowd=0,
                    bbox=[box[0], box[1], box[2] - box[0], box[3] - box[1]],
                    area=int(rectangle(box).sum()),
                    segmentation=dict(mask, counts=mask['counts'].decode())))
    file.write_text(
        json.dumps(
            dict(
                images=[
                    dict(id=i + 1, width=SIZE, height=SIZE)
                    for i in range(len(pictures))
                ],
                annotations=annotations,
                categories=[
                    dict(id=7 + c, name=name) for c, name in enumerate(CLASSES)
                ])))


def directly(pictures, file, kind: str) -> np.ndarray:
    """Return pycocotools' twelve numbers, and AP first."""
    results = []
    for i, p in enumerate(pictures):
        for box, label, score in zip(p['found'].tolist(), p['guesses'],
                                     p['scores']):
            mask, = encode_mask_results([rectangle(box)])
            content = dict(segmentation=mask) if kind == 'segm' else dict(
                bbox=[box[0], box[1], box[2] - box[0], box[3] - box[1]])
            results.append(
                dict(
                    content,
                    image_id=i + 1,
                    category_id=7 + int(label),
                    score=float(score)))
    truths = COCO(str(file))
    evaluation = COCOeval(truths, truths.loadRes(results), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats


def test_coco_metric_is_pycocotools(pictures, tmp_path):
    file = tmp_path / 'truths.json'
    write_truths(pictures, file)
    metric = CocoMetric(ann_file=str(file), metric=['bbox', 'segm'])
    metric.dataset_meta = dict(classes=CLASSES)
    metric.process({}, [
        dict(
            img_id=i + 1,
            ori_shape=(SIZE, SIZE),
            pred_instances=dict(
                bboxes=torch.from_numpy(p['found']),
                labels=torch.from_numpy(p['guesses']),
                scores=torch.from_numpy(p['scores']),
                masks=torch.from_numpy(
                    np.stack([rectangle(box) for box in p['found']]))))
        for i, p in enumerate(pictures)
    ])
    found = metric.evaluate(size=len(pictures))
    for kind in ('bbox', 'segm'):
        stats = directly(pictures, file, kind)
        assert 0.1 < stats[0] < 0.9
        for key, value in zip(('mAP', 'mAP_50', 'mAP_75', 'mAP_s', 'mAP_m'),
                              stats):
            assert found[f'coco/{kind}_{key}'] == pytest.approx(
                value, abs=5.1e-4), (kind, key)
