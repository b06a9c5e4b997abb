"""WIDER FACE's lists become COCO JSON that mmdet reads."""
import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS

from xlearner_mm.sources import Source

TOOL = (
    Path(__file__).parents[2] /
    'tools/dataset_converters/wider_face_to_coco.py')
# As in wider_face_train_bbx_gt.txt: blanks at line ends; a row of zeros
# where an image has no face. The last rows reach over the 40 x 30 image.
LIST = '''0--Parade/0_Parade_1_849.jpg
1
4 3 12 14 0 0 0 0 0 0 
0--Parade/0_Parade_2_452.jpg
0
0 0 0 0 0 0 0 0 0 0 
54--Rescue/54_Rescue_3.jpg
5
-2 -3 10 10 2 0 0 0 1 0 
30 20 40 40 0 1 0 1 2 1 
7 7 0 5 2 0 0 1 0 0 
40 2 5 5 0 0 0 0 0 0 
1 1 38 28 0 0 1 0 0 1 
'''  # noqa: W291


@pytest.fixture
def folder(tmp_path):
    """The list and its images, 40 x 30 pixels."""
    (tmp_path / 'list.txt').write_text(LIST)
    for line in LIST.splitlines():
        if line.endswith('.jpg'):
            file = tmp_path / 'images' / line
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.zeros((30, 40, 3), np.uint8))
    return tmp_path


@pytest.fixture
def convert(folder, monkeypatch):
    """Run the tool on the folder, writing `out/train.json`."""

    def run(*options: str) -> dict:
        out = folder / 'out/train.json'
        monkeypatch.setattr(sys, 'argv', [
            'tool',
            str(folder / 'list.txt'),
            str(folder / 'images'),
            str(out), *options
        ])
        runpy.run_path(str(TOOL), run_name='__main__')
        return json.loads(out.read_text())

    return run


def test_boxes_are_clipped_and_invalid_faces_become_crowds(convert, capsys):
    content = convert()
    assert content['categories'] == [dict(id=1, name='face')]
    assert [(i['id'], i['file_name'], i['width'], i['height'])
            for i in content['images']
            ] == [(1, '0--Parade/0_Parade_1_849.jpg', 40, 30),
                  (2, '0--Parade/0_Parade_2_452.jpg', 40, 30),
                  (3, '54--Rescue/54_Rescue_3.jpg', 40, 30)]
    assert [(a['id'], a['image_id'], a['bbox'], a['area'], a['iscrowd'])
            for a in content['annotations']] == [(1, 1, [4, 3, 12,
                                                         14], 168, 0),
                                                 (2, 3, [0, 0, 8, 7], 56, 0),
                                                 (3, 3, [30, 20, 10,
                                                         10], 100, 1),
                                                 (4, 3, [1, 1, 38,
                                                         28], 1064, 0)]
    out, err = capsys.readouterr()
    assert '3/3' in err  # the progress bar
    assert ('3 images, 4 faces, 1 of them invalid (iscrowd), 2 left out'
            in out)


def test_mmdet_reads_the_json(convert, folder):
    convert()
    dataset = Source('faces', 'det', 'mmdet').build(
        DATASETS,
        dict(
            type='CocoDataset',
            data_root=str(folder),
            ann_file='out/train.json',
            data_prefix=dict(img='images/'),
            metainfo=dict(classes=('face', )),
            filter_cfg=dict(filter_empty_gt=True),
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='LoadAnnotations', with_bbox=True),
                dict(type='PackDetInputs')
            ]), 'dataset')
    assert len(dataset) == 2  # without the image that has no face
    sample = dataset[1]['data_samples']
    assert sample.gt_instances.bboxes.tensor.tolist() == [[0, 0, 8, 7],
                                                          [1, 1, 39, 29]]
    assert sample.gt_instances.labels.tolist() == [0, 0]
    assert sample.ignored_instances.bboxes.tensor.tolist() == [[
        30, 20, 40, 30
    ]]


def test_an_existing_file_is_replaced_by_option_only(convert, folder):
    convert()
    out = folder / 'out/train.json'
    out.write_text('{}')
    with pytest.raises(SystemExit, match='train.json exists; .*--overwrite'):
        convert()
    assert out.read_text() == '{}'
    assert len(convert('--overwrite')['images']) == 3


@pytest.mark.parametrize('number, text, due', [
    (1, '12', "an image's path"),
    (2, 'one', 'a number of faces'),
    (3, '4 3 12 14 0 0 0 0 0', 'ten whole numbers'),
    (3, '4 3 12.5 14 0 0 0 0 0 0', 'ten whole numbers'),
    (3, '4 3 12 14 0 0 0 2 0 0', 'ten whole numbers'),
    (8, '6', 'ten whole numbers'),
    (8, '4', "an image's path"),
])
def test_a_malformed_line_is_named(convert, folder, number, text, due):
    lines = LIST.splitlines()
    lines[number - 1] = text
    (folder / 'list.txt').write_text('\n'.join(lines) + '\n')
    # A wrong number of faces shows in the line after the faces.
    named = 14 if text == '6' else 13 if text == '4' else number
    with pytest.raises(SystemExit, match=f'list.txt, line {named}: .*{due}'):
        convert()
    assert not (folder / 'out/train.json').exists()


@pytest.mark.parametrize('name, words', [
    ('list.txt', 'no list of faces at .*list.txt'),
    ('images/54--Rescue/54_Rescue_3.jpg', 'no image at .*54_Rescue_3.jpg'),
])
def test_missing_files_are_named(convert, folder, name, words):
    (folder / name).unlink()
    with pytest.raises(SystemExit, match=words):
        convert()
    assert not (folder / 'out/train.json').exists()


def test_a_broken_image_is_named(convert, folder):
    (folder / 'images/54--Rescue/54_Rescue_3.jpg').write_text('<html>')
    with pytest.raises(SystemExit, match='54_Rescue_3.jpg is no image'):
        convert()
