"""The four classification sources of Table 1 that upstream has no class for.

Files are written in the formats of the official downloads.
"""
import json

import numpy as np
import pytest
from mmengine.registry import DATASETS

from xlearner_mm.errors import UserError
from xlearner_mm.sources import Source
from xlearner_mm.testing.source_files import (write_compcars, write_inat2021,
                                              write_lines, write_places365,
                                              write_tsinghua_dogs)

PIPELINE = [dict(type='LoadImageFromFile'), dict(type='PackInputs')]


def build(kind: str, root, **kwargs):
    """Build a dataset as a source of scope 'mmpretrain' does."""
    cfg = dict(
        type=f'xlearner_mm.{kind}',
        data_root=str(root),
        pipeline=PIPELINE,
        **kwargs)
    return Source('some', 'cls', 'mmpretrain').build(DATASETS, cfg, 'dataset')


def labels_and_files(dataset, root) -> list[tuple[int, str]]:
    """Return label and path below the root of every image."""
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [(info['gt_label'], info['img_path'].removeprefix(f'{root}/'))
            for info in infos]


def check_sample(dataset, label: int) -> None:
    """The first image loads through upstream's pipeline with its label."""
    sample = dataset[0]
    assert sample['inputs'].shape == (3, 72, 96)
    assert sample['data_samples'].gt_label.item() == label


def test_places365_reads_the_official_lists(tmp_path):
    write_places365(tmp_path)
    train = build(
        'Places365',
        tmp_path,
        ann_file='places365_train_challenge.txt',
        data_prefix='data_256')
    assert labels_and_files(train, tmp_path) == [
        (0, 'data_256/a/scene_000/00000000.jpg'),
        (4, 'data_256/e/scene_004/00000004.jpg'),
        (364, 'data_256/a/scene_364/00000003.jpg')
    ]
    assert len(train.metainfo['classes']) == 365
    assert train.metainfo['classes'][4] == 'scene_004'
    check_sample(train, 0)
    val = build(
        'Places365',
        tmp_path,
        ann_file='places365_val.txt',
        data_prefix='val_256',
        test_mode=True,
        indices=[2])
    assert labels_and_files(val, tmp_path) == [
        (364, 'val_256/Places365_val_00000003.jpg')
    ]
    assert val.get_gt_labels().tolist() == [364]


@pytest.mark.parametrize('line, problem', [
    ('/a/airfield/00000001.jpg', "is not 'path label'"),
    ('12', "is not 'path label'"),
    ('/a/airfield/00000001.jpg one', "is not 'path label'"),
    ('/a/airfield/00000001.jpg 365', 'label 365 is outside the 365 classes'),
    ('/a/airfield/00000001.jpg -1', 'label -1 is outside the 365 classes'),
    ('', "'' is not 'path label'"),
])
def test_places365_names_the_line(tmp_path, line, problem):
    write_places365(tmp_path)
    good = '/a/scene_000/00000001.jpg 0'
    write_lines(tmp_path / 'bad.txt', [good, line, good])
    with pytest.raises(UserError, match=f'bad.txt, line 2: .*{problem}'):
        build('Places365', tmp_path, ann_file='bad.txt')


def test_places365_refuses_categories_out_of_order(tmp_path):
    write_places365(tmp_path)
    write_lines(tmp_path / 'categories_places365.txt',
                ['/a/airfield 0', '/a/alley 2'])
    with pytest.raises(UserError, match='places365.txt, line 2: category 2'):
        build('Places365', tmp_path, ann_file='places365_val.txt')


def test_labelled_image_list_takes_blanks_and_a_file_of_classes(tmp_path):
    write_lines(tmp_path / 'classes.txt', ['small car', 'van'])
    write_lines(tmp_path / 'all.txt', ['a b/c.jpg 1', 'd.jpg\t0', '', ''])
    dataset = build(
        'LabelledImageList',
        tmp_path,
        ann_file='all.txt',
        class_file='classes.txt')
    assert labels_and_files(dataset, tmp_path) == [(1, 'a b/c.jpg'),
                                                   (0, 'd.jpg')]
    assert dataset.metainfo['classes'] == ('small car', 'van')


def test_inat2021_reads_the_official_json(tmp_path):
    write_inat2021(tmp_path)
    dataset = build('INat2021', tmp_path, ann_file='train.json')
    assert labels_and_files(dataset, tmp_path) == [
        (9999, 'train/09999_Animalia_9999/0.jpg'),
        (0, 'train/00000_Animalia_0/1.jpg'),
        (321, 'train/00321_Animalia_321/2.jpg')
    ]
    classes = dataset.metainfo['classes']
    assert len(set(classes)) == 10000 and classes[1] == '00001_Animalia_1'
    check_sample(dataset, 9999)


@pytest.mark.parametrize('change, problem', [
    (dict(category_id=10000), 'annotation 5 names .* category 10000'),
    (dict(image_id=7), 'annotation 5 names image 7'),
    (dict(category_id=None), '.* category None'),
])
def test_inat2021_names_the_annotation(tmp_path, change, problem):
    write_inat2021(tmp_path)
    content = json.loads((tmp_path / 'val.json').read_text())
    content['annotations'][1] |= dict(id=5, **change)
    (tmp_path / 'val.json').write_text(json.dumps(content))
    with pytest.raises(UserError, match=f'val.json: {problem}'):
        build('INat2021', tmp_path, ann_file='val.json')


@pytest.mark.parametrize('text, problem', [
    ('{"images": []}', "lacks 'categories'"),
    ('{"images": [{"id": 1}], "categories": [], "annotations": []}',
     "lacks 'file_name'"),
    ('{"images"', 'is no JSON'),
])
def test_inat2021_refuses_other_files(tmp_path, text, problem):
    (tmp_path / 'val.json').write_text(text)
    with pytest.raises(UserError, match=f'val.json.*{problem}'):
        build('INat2021', tmp_path, ann_file='val.json')


def test_compcars_numbers_the_models_by_id(tmp_path):
    write_compcars(tmp_path)
    folder = 'train_test_split/classification'
    train = build(
        'CompCars',
        tmp_path,
        ann_file=f'{folder}/train.txt',
        data_prefix='image')
    assert train.get_gt_labels().tolist() == list(range(431))
    # As numbers: 4 before 10, which are the second and the fourth model.
    assert train.metainfo['classes'][:4] == ('1', '4', '7', '10')
    check_sample(train, 0)
    test = build(
        'CompCars',
        tmp_path,
        ann_file=f'{folder}/test.txt',
        class_list=f'{folder}/train.txt',
        data_prefix='image')
    assert labels_and_files(test,
                            tmp_path)[-1] == (430,
                                              'image/105/1291/2014/0001ae.jpg')
    assert test.metainfo['classes'] == train.metainfo['classes']


def test_tsinghua_dogs_numbers_the_breeds(tmp_path):
    write_tsinghua_dogs(tmp_path)
    train = build(
        'TsinghuaDogs',
        tmp_path,
        ann_file='TrainAndValList/train.lst',
        data_prefix='low-resolution')
    assert train.get_gt_labels().tolist() == list(range(130))
    assert labels_and_files(train, tmp_path)[:2] == [
        (0, 'low-resolution/200-n000001-breed_0/n1000.jpg'),
        (1, 'low-resolution/207-n000002-breed_1/n1001.jpg')
    ]
    check_sample(train, 0)
    val = build(
        'TsinghuaDogs',
        tmp_path,
        ann_file='TrainAndValList/validation.lst',
        class_list='TrainAndValList/train.lst',
        data_prefix='low-resolution')
    np.testing.assert_array_equal(val.get_gt_labels(), [127, 128, 129])


@pytest.mark.parametrize('kind, good, bad, problem', [
    ('CompCars', '78/1/2014/a.jpg', '78/1/a.jpg', 'is not .make/model/year'),
    ('CompCars', '78/1/2014/a.jpg', '78/x/2014/a.jpg', 'model a number'),
    ('TsinghuaDogs', './/200-n000008-Airedale/n1.jpg', './/Airedale/n1.jpg',
     "has no folder like '200-n000008-Airedale'"),
    ('TsinghuaDogs', './/200-n000008-Airedale/n1.jpg', '', 'has no folder'),
])
def test_paths_of_another_form_are_named(tmp_path, kind, good, bad, problem):
    write_lines(tmp_path / 'all.txt', [good])
    write_lines(tmp_path / 'bad.txt', [good, bad, good])
    for options in (dict(), dict(class_list='all.txt')):
        with pytest.raises(UserError, match=f'bad.txt, line 2: .*{problem}'):
            build(kind, tmp_path, ann_file='bad.txt', num_classes=1, **options)


def test_a_list_that_lacks_classes_is_refused(tmp_path):
    write_tsinghua_dogs(tmp_path)
    with pytest.raises(UserError, match='has 3 classes, not num_classes=130'):
        build(
            'TsinghuaDogs',
            tmp_path,
            ann_file='TrainAndValList/validation.lst')


def test_a_class_that_the_class_list_lacks_is_named(tmp_path):
    write_lines(tmp_path / 'all.txt', ['78/1/2014/a.jpg'])
    write_lines(tmp_path / 'new.txt', ['78/1/2014/a.jpg', '78/2/2014/b.jpg'])
    with pytest.raises(
            UserError, match="new.txt, line 2: class '2' is not in all.txt"):
        build(
            'CompCars',
            tmp_path,
            ann_file='new.txt',
            class_list='all.txt',
            num_classes=1)


@pytest.mark.parametrize('kind',
                         ['Places365', 'CompCars', 'TsinghuaDogs', 'INat2021'])
def test_a_missing_list_is_named(tmp_path, kind):
    write_places365(tmp_path)
    with pytest.raises(UserError, match='no (image list|list).*missing.json'):
        build(kind, tmp_path, ann_file='missing.json')


@pytest.mark.parametrize('kind', ['Places365', 'CompCars', 'TsinghuaDogs'])
def test_an_empty_list_is_named(tmp_path, kind):
    write_places365(tmp_path)
    (tmp_path / 'empty.txt').write_text('\n')
    with pytest.raises(UserError, match='empty.txt is empty'):
        build(kind, tmp_path, ann_file='empty.txt')
