"""Each kind of source with a damaged image, and with a damaged annotation."""
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from xlearner_mm.datasets import Draw, MultiSourceDataset, build_eval_loaders
from xlearner_mm.errors import UserError
from xlearner_mm.testing import source_files as files
from xlearner_mm.testing import tiny

CLS = [dict(type='LoadImageFromFile'), dict(type='PackInputs')]
DET = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='PackDetInputs')
]
SEG = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs')
]
DEPTH = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='PackSegInputs')
]


def write_voc(root: Path) -> None:
    """Write three images, each with a box in an XML file."""
    files.write_lines(root / 'trainval.txt', ['0', '1', '2'])
    (root / 'Annotations').mkdir(parents=True)
    for i in range(3):
        files.write_image(root / f'JPEGImages/{i}.jpg', i)
        (root / f'Annotations/{i}.xml').write_text(
            '<annotation>\n<size><width>96</width><height>72</height></size>\n'
            '<object><name>cat</name><difficult>0</difficult><bndbox>'
            '<xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax>'
            '</bndbox></object>\n</annotation>')


def write_depth(root: Path) -> None:
    """Write three images and their depth, 16 bits in millimetres."""
    (root / 'depth').mkdir(parents=True)
    for i in range(3):
        files.write_image(root / f'img/{i}.jpg', i)
        cv2.imwrite(
            str(root / f'depth/{i}.png'),
            np.full(files.SHAPE, 900 + i, np.uint16))


def write_folders(root: Path) -> None:
    """Write class folders."""
    tiny.cls_source(root.parent, root.name)


def write_pseudo_labels(root: Path) -> None:
    """Write what MuST's teachers write for classification."""
    files.write_lines(root / 'classes.txt', ['cat', 'dog'])
    files.write_lines(root / 'labels.txt', ['a b.jpg 0', 'c.jpg 1'])
    for i, name in enumerate(('a b', 'c')):
        files.write_image(root / f'{name}.jpg', i)


def cut(file: Path) -> None:
    """Lose the second half of a file."""
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])


def lose_a_label(file: Path) -> None:
    """Cut the second line of a list amid its path."""
    lines = file.read_text().splitlines()
    lines[1] = lines[1][:3]
    files.write_lines(file, lines)


def lose_a_key(file: Path) -> None:
    """Take the box off an annotation of COCO's."""
    content = json.loads(file.read_text())
    del content['annotations'][0]['bbox']
    file.write_text(json.dumps(content))


@dataclass(frozen=True)
class Kind:
    """A kind of source.

    Args:
        write: Writes it into a folder.
        scope: The package that reads it.
        train: Its dataset without data_root.
        image: A file.
        annotation: A file; none where folders are the labels.
        spoil: Damages it.
        words: Parts of the message beside source and file, e.g. the line.
    """

    write: Callable[[Path], None]
    scope: str
    train: dict
    image: str
    annotation: str = ''
    spoil: Callable[[Path], None] = field(default=cut)
    words: tuple[str, ...] = ()


def listed(kind: str, ann_file: str, prefix: str = '', **kwargs) -> dict:
    """Config of a classification set with a list."""
    return dict(
        type=kind,
        ann_file=ann_file,
        data_prefix=prefix,
        pipeline=CLS,
        **kwargs)


def boxes(ann_file: str, folder: str, kind: str = 'CocoDataset') -> dict:
    """Config of a detection set in COCO's JSON."""
    return dict(
        type=kind,
        ann_file=ann_file,
        data_prefix=dict(img=folder),
        pipeline=DET)


def masks(kind: str, image: str, mask: str) -> dict:
    """Config of a segmentation set of index PNGs."""
    return dict(
        type=kind,
        data_prefix=dict(img_path=image, seg_map_path=mask),
        pipeline=SEG)


COMPCARS = 'train_test_split/classification/train.txt'
COCO = 'annotations/instances_train2017.json'
KINDS = dict(
    class_folders=Kind(write_folders, 'mmpretrain',
                       dict(type='CustomDataset', pipeline=CLS),
                       'class_1/1.png'),
    imagenet=Kind(files.write_imagenet, 'mmpretrain',
                  dict(type='ImageNet', split='train', pipeline=CLS),
                  'train/n00000007/train_1.JPEG'),
    list_with_labels=Kind(files.write_imagenet, 'mmpretrain',
                          listed('CustomDataset', 'meta/train.txt', 'train'),
                          'train/n00000007/train_1.JPEG', 'meta/train.txt',
                          lose_a_label, ('line 2', )),
    places365=Kind(
        files.write_places365, 'mmpretrain',
        listed('xlearner_mm.Places365', 'places365_train_challenge.txt',
               'data_256'), 'data_256/a/scene_000/00000000.jpg',
        'places365_train_challenge.txt', lose_a_label, ('line 2', )),
    inat2021=Kind(files.write_inat2021, 'mmpretrain',
                  listed('xlearner_mm.INat2021', 'train.json'),
                  'train/00000_Animalia_0/1.jpg', 'train.json'),
    compcars=Kind(files.write_compcars, 'mmpretrain',
                  listed('xlearner_mm.CompCars', COMPCARS, 'image'),
                  'image/1/1/2014/000000.jpg', COMPCARS, lose_a_label,
                  ('line 2', )),
    tsinghua_dogs=Kind(
        files.write_tsinghua_dogs, 'mmpretrain',
        listed('xlearner_mm.TsinghuaDogs', 'TrainAndValList/train.lst',
               'low-resolution'),
        'low-resolution/200-n000001-breed_0/n1000.jpg',
        'TrainAndValList/train.lst', lose_a_label, ('line 2', )),
    coco=Kind(files.write_coco, 'mmdet', boxes(COCO, 'train2017'),
              'train2017/1.jpg', COCO),
    coco_without_a_box=Kind(files.write_coco, 'mmdet',
                            boxes(COCO, 'train2017'), 'train2017/1.jpg', COCO,
                            lose_a_key, ('bbox', )),
    objects365=Kind(
        files.write_objects365, 'mmdet',
        boxes('annotations/objects365_train.json', 'train',
              'Objects365V1Dataset'), 'train/1.jpg',
        'annotations/objects365_train.json'),
    wider_face=Kind(
        files.write_wider_face, 'mmdet',
        dict(
            boxes('annotations/train.json', 'WIDER_train/images'),
            metainfo=dict(classes=('face', ))),
        'WIDER_train/images/0--Parade/0_Parade_1.jpg',
        'annotations/train.json'),
    voc_xml=Kind(
        write_voc, 'mmdet',
        dict(
            type='VOCDataset',
            ann_file='trainval.txt',
            data_prefix=dict(sub_data_root=''),
            metainfo=dict(classes=('cat', )),
            pipeline=DET), 'JPEGImages/1.jpg', 'Annotations/1.xml', cut,
        ('line 3', )),
    index_png=Kind(
        files.write_ade20k, 'mmseg',
        masks('ADE20KDataset', 'images/training', 'annotations/training'),
        'images/training/1.jpg', 'annotations/training/1.png'),
    coco_stuff=Kind(
        files.write_coco_stuff, 'mmseg',
        masks('COCOStuffDataset', 'images/train2017', 'annotations/train2017'),
        'images/train2017/1.jpg', 'annotations/train2017/1_labelTrainIds.png'),
    depth_png=Kind(
        write_depth, 'mmseg',
        dict(
            type='NYUDataset',
            data_prefix=dict(img_path='img', depth_map_path='depth'),
            pipeline=DEPTH), 'img/1.jpg', 'depth/1.png'),
    pseudo_labels=Kind(write_pseudo_labels, 'mmpretrain',
                       listed('CustomDataset', 'labels.txt',
                              classes=('cat', 'dog')), 'c.jpg', 'labels.txt',
                       lose_a_label, ('line 2', )))  # yapf: disable


def load_all(kind: Kind, root: Path, **kwargs) -> list[dict]:
    """Build the source and load an epoch of it."""
    train = dict(kind.train, data_root=str(root))
    source = dict(name='some', task='any', scope=kind.scope, train=train)
    dataset = MultiSourceDataset([source], **kwargs)
    return [dataset[Draw('some', d)] for d in range(len(dataset))]


@pytest.fixture
def written(kind, tmp_path):
    """The source's folder, whole."""
    KINDS[kind].write(tmp_path / 'source')
    return tmp_path / 'source'


@pytest.mark.parametrize('kind', KINDS)
def test_a_damaged_image_is_named_and_skipped_where_asked(kind, written):
    whole = load_all(KINDS[kind], written)
    assert not any(item['skipped'] for item in whole)
    file = written / KINDS[kind].image
    cut(file)
    with pytest.raises(UserError) as error:
        load_all(KINDS[kind], written)
    assert str(error.value).startswith(f"source 'some', {file}")
    assert 'Mend or remove the file' in str(error.value)
    items = load_all(KINDS[kind], written, on_error='skip')
    assert len(items) == len(whole)
    assert any(str(file) in text for item in items for text in item['skipped'])


@pytest.mark.parametrize('kind', KINDS)
def test_a_damaged_image_is_named_in_validation(kind, written):
    file = written / KINDS[kind].image
    cut(file)
    val = dict(KINDS[kind].train, data_root=str(written), test_mode=True)
    source = dict(name='some', task='any', scope=KINDS[kind].scope, val=val)
    loader = build_eval_loaders([source], 'val')['some']
    with pytest.raises(UserError, match=f"source 'some', {file}.*Mend or"):
        list(loader)


@pytest.mark.parametrize('kind', [k for k in KINDS if KINDS[k].annotation])
def test_a_damaged_annotation_is_named(kind, written):
    file = written / KINDS[kind].annotation
    KINDS[kind].spoil(file)
    with pytest.raises(UserError) as error:
        load_all(KINDS[kind], written)
    message = str(error.value)
    assert message.startswith("source 'some'")
    assert message.count("source 'some'") == 1
    for words in (str(written), KINDS[kind].annotation, *KINDS[kind].words):
        assert words in message
