"""Data that cannot be used is named by source and file."""
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from xlearner_mm.datasets import (Draw, MultiSourceDataset, build_eval_loaders,
                                  build_train_loader)
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, train


@pytest.fixture
def own(tmp_path, written_sources):
    """Sources on disk that a test may spoil."""
    return [
        tiny.cls_source(tmp_path),
        tiny.det_source(tmp_path),
        tiny.seg_source(tmp_path)
    ]


@pytest.mark.parametrize('index, change, words', [
    (0, dict(data_root='/nowhere'), "'animals': its train .*/nowhere"),
    (1, dict(data_root='/nowhere'), "'things': its train .*/nowhere"),
    (1, dict(ann_file='none.json'), "'things': its train .*none.json"),
    (2, dict(data_prefix=dict(img_path='none', seg_map_path='ann')),
     "'stuff'"),
    (2, dict(ann_file='none.txt'), "'stuff'.*"),
    (0, dict(type='NoSuchDataset'), "'animals'.*NoSuchDataset"),
    (0, dict(pipeline=[dict(type='NoSuchTransform')]), 'NoSuchTransform'),
    (1, dict(pipeline=[dict(type='CachedMosaic', img_scale=(8, 8))]),
     "'things': CachedMosaic remembers"),
])
def test_a_dataset_that_cannot_be_built_names_its_source(
        own, index, change, words):
    own[index]['train'].update(change)
    with pytest.raises(UserError, match=words):
        MultiSourceDataset(own)


def test_a_source_without_training_data_is_refused(own):
    own[1]['train'] = None
    with pytest.raises(UserError, match="'things' has no train dataset"):
        MultiSourceDataset(own)


def empty_class_folders(root: Path) -> None:
    """Leave the class folders, without an image."""
    for file in (root / 'animals').rglob('*.png'):
        file.unlink()


def empty_json(root: Path) -> None:
    """Leave the categories, without an image."""
    file = root / 'things/ann.json'
    content = json.loads(file.read_text())
    file.write_text(json.dumps(dict(content, images=[], annotations=[])))


def empty_mask_folder(root: Path) -> None:
    """Leave both folders, without a file."""
    for file in (root / 'stuff').rglob('*.*'):
        file.unlink()


@pytest.mark.parametrize('index, empty, name',
                         [(0, empty_class_folders, 'animals'),
                          (1, empty_json, 'things'),
                          (2, empty_mask_folder, 'stuff')])
def test_a_source_without_an_image_is_refused(own, tmp_path, index, empty,
                                              name):
    empty(tmp_path)
    with pytest.raises(UserError, match=f"^source '{name}': its train"):
        MultiSourceDataset(own)


def test_no_validation_data_at_all_is_refused(own):
    for source in own:
        source['val'] = None
    with pytest.raises(UserError, match="no source has a 'val' dataset"):
        build_eval_loaders(own, 'val')


def spoil_class_folders(source: dict, root: Path) -> None:
    """Add a fourth class folder to a head of three."""
    folder = root / 'animals/class_9'
    folder.mkdir()
    cv2.imwrite(str(folder / 'a.png'), np.zeros((8, 8, 3), np.uint8))


def spoil_label_index(source: dict, root: Path) -> None:
    """List an image with label 3 where there are labels 0..2."""
    (root / 'list.txt').write_text('class_0/0.png 0\nclass_1/1.png 3\n')
    source['train'].update(ann_file=str(root / 'list.txt'))
    source['train'].update(metainfo=dict(classes=['a', 'b', 'c']))


def spoil_detector(source: dict, root: Path) -> None:
    """Give the detector fewer classes than its dataset has."""
    source['model'] = tiny.retinanet(1)


@pytest.mark.parametrize('index, spoil, words', [
    (0, spoil_class_folders, "'animals': its dataset has 4 classes, its head"),
    (0, spoil_label_index, "'animals': label 3 is outside the 3 classes"),
    (1, spoil_detector, "'things': its dataset has 2 classes, its head 1"),
])
def test_labels_outside_the_head_are_refused_before_training(
        own, tmp_path, index, spoil, words):
    spoil(own[index], tmp_path)
    runner = build_runner(tiny.run_config(own, tmp_path / 'run'))
    with pytest.raises(UserError, match=words):
        runner.train()


def spoil_mask(root: Path) -> Path:
    """Write a pixel of class 7 of 3."""
    file = root / 'stuff/ann/3.png'
    mask = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    mask[5, 5] = 7
    cv2.imwrite(str(file), mask)
    return root / 'stuff/img/3.jpg'


def spoil_image(root: Path) -> Path:
    """Cut an image off."""
    file = root / 'things/2.png'
    file.write_bytes(file.read_bytes()[:40])
    return file


@pytest.mark.parametrize('spoil, source, workers',
                         [(spoil_mask, 'stuff', 0), (spoil_image, 'things', 0),
                          (spoil_image, 'things', 1)])
def test_a_bad_file_is_named_when_it_is_read(own, tmp_path, spoil, source,
                                             workers):
    file = spoil(tmp_path)
    with pytest.raises(UserError, match=f"source '{source}', {file}"):
        list(build_train_loader(own, 9, num_workers=workers))


def test_a_box_of_an_unknown_class_is_named(own):
    dataset = MultiSourceDataset(own)
    dataset.datasets['things'].pipeline.transforms.insert(
        2, lambda results: results | dict(gt_bboxes_labels=results[
            'gt_bboxes_labels'] + 9))
    with pytest.raises(UserError, match='label .* is outside the 2 classes'):
        for d in range(5):
            dataset[Draw('things', d)]


@pytest.mark.parametrize('spoil, source', [(spoil_mask, 'stuff'),
                                           (spoil_image, 'things')])
def test_skipped_files_are_replaced_the_same_way_each_time(
        own, tmp_path, spoil, source):
    file = spoil(tmp_path)
    dataset = MultiSourceDataset(own, on_error='skip')
    items = [dataset[Draw(source, d)] for d in range(10)]
    again = [dataset[Draw(source, d)] for d in range(10)]
    paths = [i['sample']['data_samples'].img_path for i in items]
    assert paths == [i['sample']['data_samples'].img_path for i in again]
    assert str(file) not in paths
    skipped = [text for i in items for text in i['skipped']]
    assert len(skipped) >= 2  # once in each of two epochs
    assert all(str(file) in text for text in skipped)


def test_skips_are_counted_and_logged(own, tmp_path):
    file = spoil_image(tmp_path)
    cfg = tiny.run_config(own, tmp_path / 'run', max_iters=5)
    cfg['train_dataloader']['on_error'] = 'skip'
    runner, _ = train(cfg)
    dataset = MultiSourceDataset(own, on_error='skip')
    expected = sum(
        len(dataset[Draw('things', d)]['skipped']) for d in range(10))
    assert runner.train_loop.skipped == dict(
        animals=0, things=expected, stuff=0)
    log = Path(runner.log_dir, f'{runner.timestamp}.log').read_text()
    lines = [line for line in log.splitlines() if str(file) in line]
    assert len(lines) == expected >= 2
    assert f'({expected} in things so far)' in lines[-1]


def test_a_source_of_bad_files_alone_stops(own, tmp_path):
    for file in (tmp_path / 'things').glob('*.png'):
        file.write_bytes(b'')
    with pytest.raises(UserError, match="source 'things'"):
        MultiSourceDataset(own, on_error='skip')[Draw('things', 0)]


def test_unknown_policies_are_refused(own):
    with pytest.raises(UserError, match="'ignore'"):
        MultiSourceDataset(own, on_error='ignore')


def test_annotation_free_images_and_ignored_masks_load(own, tmp_path):
    (tmp_path / 'things/ann.json').write_text(
        json.dumps(
            json.loads((tmp_path / 'things/ann.json').read_text())
            | dict(annotations=[])))
    for file in (tmp_path / 'stuff/ann').glob('*.png'):
        cv2.imwrite(str(file), np.full((32, 32), 255, np.uint8))
    _, losses = train(tiny.run_config(own, tmp_path / 'run'))
    assert all(
        np.isfinite(float(v)) for k in losses.values() for v in k.values())


@pytest.mark.parametrize('name', ['../elsewhere.png', '/etc/hostname'])
def test_an_annotation_that_points_outside_its_folder_is_refused(
        own, tmp_path, name):
    (tmp_path / 'elsewhere.png').write_bytes(
        (tmp_path / 'things/1.png').read_bytes())
    file = tmp_path / 'things/ann.json'
    content = json.loads(file.read_text())
    for image in content['images']:
        image['file_name'] = name
    file.write_text(json.dumps(content))
    with pytest.raises(UserError, match="'things', .* is outside /"):
        MultiSourceDataset(own)[Draw('things', 0)]
    loader = build_eval_loaders(own, 'val')['things']
    with pytest.raises(UserError, match='is outside /'):
        next(iter(loader))
