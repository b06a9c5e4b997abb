"""Labels that teachers write, against predictions made by hand."""
import json
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.runner import Runner
from torch.nn import functional as F

from xlearner_mm.apis import write_pseudo_labels
from xlearner_mm.registry import MODELS
from xlearner_mm.sources import leave_unformatted
from xlearner_mm.testing import tiny
from xlearner_mm.testing.students import IMAGES, write_student

PATHS = sorted(IMAGES)
#: Between the scores of the random teachers.
THRESHOLDS = dict(animals=0.5, things=0.55, stuff=0.5)
CLASSES = dict(
    animals=['class_0', 'class_1', 'class_2'],
    things=['thing_0', 'thing_1'],
    stuff=['stuff_0', 'stuff_1', 'stuff_2'])


def with_thresholds(cfg: Config) -> Config:
    """Give each teacher a threshold of its own."""
    for name, teacher in cfg.pseudo_labels.teachers.items():
        teacher.score_thr = THRESHOLDS[name]
    return cfg


@pytest.fixture(scope='module')
def written(written_sources, tmp_path_factory):
    """A student's config, the statistics of its labels."""
    root = tmp_path_factory.mktemp('must')
    cfg = with_thresholds(write_student(written_sources, root))
    return cfg, write_pseudo_labels(cfg)


def teacher_of(cfg: Config, name: str) -> torch.nn.Module:
    """Build a teacher."""
    files = cfg.pseudo_labels.teachers[name]
    model = MODELS.build(Config.fromfile(files.config).model)
    model.load_state_dict(torch.load(files.checkpoint)['state_dict'])
    model.eval()
    return model


def image_of(cfg: Config, path: str) -> np.ndarray:
    """Read an image, BGR (H, W, 3)."""
    return cv2.imread(str(Path(cfg.pseudo_labels.data_root, path)))


def normalise(image: np.ndarray) -> torch.Tensor:
    """Return a batch of one RGB image, (1, 3, H, W)."""
    mean, std = (torch.tensor(tiny.MEAN_STD[k]) for k in ('mean', 'std'))
    pixels = torch.from_numpy(image[..., ::-1].copy()).float()
    return ((pixels - mean) / std).permute(2, 0, 1)[None]


@torch.no_grad()
def classify(cfg: Config, path: str) -> torch.Tensor:
    """Return the probabilities of the classes."""
    model = teacher_of(cfg, 'animals')
    image = cv2.resize(image_of(cfg, path), (tiny.SIZE, tiny.SIZE))
    feature = model.backbone(normalise(image))[-1].mean((2, 3))
    return model.heads['animals'].head.fc(feature)[0].softmax(0)


@torch.no_grad()
def segment(cfg: Config, path: str) -> torch.Tensor:
    """Return the probabilities of the classes, (C, H, W)."""
    model = teacher_of(cfg, 'stuff')
    image = image_of(cfg, path)
    feats = model.backbone(normalise(image))
    logits = model.heads['stuff'].decode_head(feats)
    return F.interpolate(
        logits, image.shape[:2], mode='bilinear')[0].softmax(0)


@torch.no_grad()
def detect(cfg: Config, path: str) -> list[tuple]:
    """Return class, score and box (left, top, right, bottom) of the file."""
    model = teacher_of(cfg, 'things')
    image = image_of(cfg, path)
    height, width = image.shape[:2]
    scale = tiny.SIZE / max(height, width)
    size = (round(width * scale), round(height * scale))
    x = normalise(cv2.resize(image, size))
    x = F.pad(x, (0, -size[0] % 32, 0, -size[1] % 32))
    sample = DetDataSample(metainfo=dict(img_shape=size[::-1]))
    sample, = model.heads['things'].predict(x, [sample], rescale=False)
    found = sample.pred_instances
    ratio = torch.tensor([width / size[0], height / size[1]] * 2)
    return list(
        zip(found.labels.tolist(), found.scores.tolist(),
            (found.bboxes * ratio).tolist()))


def file_of(cfg: Config, *parts: str) -> Path:
    """Return the path of a label file."""
    return Path(cfg.pseudo_labels.folder, *parts)


def test_class_list_has_the_best_class_of_sure_images(written):
    cfg, stats = written
    expected = []
    for path in PATHS:
        scores = classify(cfg, path)
        if scores.max() >= THRESHOLDS['animals']:
            expected.append(f'{path} {int(scores.argmax())}')
    assert 0 < len(expected) < len(PATHS)
    lines = file_of(cfg, 'animals', 'labels.txt').read_text().splitlines()
    assert lines == expected
    names = file_of(cfg, 'animals', 'classes.txt').read_text().splitlines()
    assert names == CLASSES['animals']
    assert stats['animals']['kept'] == len(expected)
    assert stats['animals']['dropped'] == len(PATHS) - len(expected)
    assert stats['animals']['unlabelled'] == len(PATHS) - len(expected)


def test_coco_json_has_the_sure_boxes_in_pixels_of_the_file(written):
    cfg, stats = written
    coco = json.loads(file_of(cfg, 'things', 'annotations.json').read_text())
    assert coco['categories'] == [
        dict(id=i, name=n) for i, n in enumerate(CLASSES['things'], 1)
    ]
    assert [(i['file_name'], (i['height'], i['width']))
            for i in coco['images']] == [(p, IMAGES[p]) for p in PATHS]
    dropped = 0
    for image in coco['images']:
        boxes = detect(cfg, image['file_name'])
        expected = [b for b in boxes if b[1] >= THRESHOLDS['things']]
        dropped += len(boxes) - len(expected)
        found = [
            a for a in coco['annotations'] if a['image_id'] == image['id']
        ]
        assert len(found) == len(expected)
        for row, (label, score, box) in zip(found, expected):
            left, top, right, bottom = box
            assert row['category_id'] == label + 1 and not row['iscrowd']
            assert row['score'] == pytest.approx(score, abs=1e-5)
            assert row['bbox'] == pytest.approx(
                [left, top, right - left, bottom - top], abs=1e-3)
            assert row['area'] == row['bbox'][2] * row['bbox'][3]
    assert dropped and stats['things']['dropped'] == dropped
    ids = [a['id'] for a in coco['annotations']]
    assert ids and len(set(ids)) == len(ids) == stats['things']['kept']


def test_png_has_the_sure_pixels_and_255_elsewhere(written):
    cfg, stats = written
    kept = 0
    for path in PATHS:
        scores, labels = segment(cfg, path).max(0)
        sure = scores >= THRESHOLDS['stuff']
        mask = cv2.imread(
            str(file_of(cfg, 'stuff', 'labels', f'{path}.png')), -1)
        assert mask.shape == IMAGES[path]
        assert (mask == labels.masked_fill(~sure, 255).numpy()).all()
        kept += int(sure.sum())
    pixels = sum(h * w for h, w in IMAGES.values())
    assert 0 < kept < pixels
    assert stats['stuff']['kept'] == kept
    assert stats['stuff']['dropped'] == pixels - kept
    names = file_of(cfg, 'stuff', 'images.txt').read_text().splitlines()
    assert names == PATHS


def test_student_trains_on_the_files(written, tmp_path):
    cfg = deepcopy(written[0])
    cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
    leave_unformatted(cfg)
    runner = Runner.from_cfg(cfg)
    runner.train()
    datasets = runner.train_loop.dataloader.dataset.datasets
    assert len(datasets['animals']) == written[1]['animals']['kept']
    things = datasets['things']
    boxes = [
        box for i in range(len(things))
        for box in things.get_data_info(i)['instances']
    ]
    assert len(boxes) == written[1]['things']['kept']
    for name, classes in CLASSES.items():
        assert list(datasets[name].metainfo['classes']) == classes
        loss = runner.message_hub.get_scalar(f'train/{name}.loss').current()
        assert 0 < loss < 100


def test_labels_do_not_depend_on_the_other_images_of_a_batch(written):
    """Three sizes in a batch of five: none is padded to the others'."""
    alone, cfg = written[0], deepcopy(written[0])
    for name, teacher in cfg.pseudo_labels.teachers.items():
        text = Path(teacher.config).read_text()
        file = Path(teacher.config).with_name(f'{name}_batched.py')
        file.write_text(text + '\nmodel["sources"][0]["val_batch_size"] = 5\n')
        teacher.config = str(file)
    cfg.pseudo_labels.folder += '_batched'
    for source in cfg.sources:
        prefix = source.train.data_prefix
        for place in (source.train,
                      prefix if isinstance(prefix, dict) else {}):
            for key in {'ann_file', 'classes', 'seg_map_path'} & set(place):
                place[key] = place[key].replace('/labels/', '/labels_batched/')
    cfg.model.sources = cfg.sources
    write_pseudo_labels(cfg)
    for file in ('animals/labels.txt', 'stuff/images.txt',
                 *(f'stuff/labels/{path}.png' for path in PATHS)):
        assert file_of(cfg,
                       file).read_bytes() == file_of(alone,
                                                     file).read_bytes(), file
    one, two = (
        json.loads(file_of(c, 'things', 'annotations.json').read_text())
        for c in (alone, cfg))
    assert one['images'] == two['images']
    for a, b in zip(one['annotations'], two['annotations'], strict=True):
        assert a['bbox'] == pytest.approx(b['bbox'], abs=1e-3)


def test_an_expansion_may_teach_several_sources(sources, tmp_path):
    cfg = with_thresholds(write_student(sources, tmp_path))
    run = tiny.run_config(sources, tmp_path / 'expansion')
    model = MODELS.build(run['model'])
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'expansion.pth')
    Config(run, format_python_code=False).dump(tmp_path / 'expansion.py')
    for name, teacher in cfg.pseudo_labels.teachers.items():
        teacher.update(
            config=str(tmp_path / 'expansion.py'),
            checkpoint=str(tmp_path / 'expansion.pth'),
            score_thr=0.0)
    write_pseudo_labels(cfg)
    model.eval()
    expected = []
    for path in PATHS:
        image = cv2.resize(image_of(cfg, path), (tiny.SIZE, tiny.SIZE))
        with torch.no_grad():  # joint: the gammas take part
            feats = model.backbone(normalise(image), 'cls', fuse=True)
            pooled = feats[-1].mean((2, 3))
            logits = model.heads['animals'].head.fc(pooled)
        expected.append(f'{path} {int(logits.argmax())}')
    lines = file_of(cfg, 'animals', 'labels.txt').read_text().splitlines()
    assert lines == expected


def test_a_detectors_own_threshold_hides_no_label(sources, tmp_path):
    cfg = write_student(sources, tmp_path, score_thr=0.0)
    teacher = cfg.pseudo_labels.teachers.things
    strict = Config.fromfile(teacher.config)
    for source in strict.model.sources:
        source.model.test_cfg.score_thr = 0.99
    strict.dump(teacher.config)
    assert write_pseudo_labels(cfg)['things']['kept'] > 0
