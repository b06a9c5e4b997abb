"""Classes of datasets against heads, and against COCO JSON files."""
import json
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.hub import get_config

from xlearner_mm.testing import tiny


def rewrite(file: str, dst: Path, names: list[str]) -> str:
    """Copy a COCO JSON file with other categories."""
    content = json.loads(Path(file).read_text())
    content['categories'] = [
        dict(id=i, name=name) for i, name in enumerate(names, 1)
    ]
    dst.write_text(json.dumps(content))
    return str(dst)


def ann_file(config) -> str:
    """Return the annotations of the detection source."""
    return config.sources[1].evaluator.ann_file


def test_more_classes_than_outputs_are_refused(config, find):
    config.sources[2].model = tiny.fcn(2)
    findings = find(config)
    assert [f.level for f in findings] == ['error', 'error']
    assert str(findings[0]).startswith(
        "source 'stuff', train: its dataset has 3 classes, its head 2")


def test_fewer_classes_than_outputs_are_noticed(config, find):
    config.sources[2].model = tiny.fcn(9)
    assert [f.level for f in find(config)] == ['warning', 'warning']


def test_class_folders_are_counted(config, only, tmp_path):
    tiny.cls_source(tmp_path, num_classes=4)
    (tmp_path / 'animals/class_3/x.png').write_bytes(
        cv2.imencode('.png', np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    config.sources[0].train.data_root = str(tmp_path / 'animals')
    assert "'animals', train: its dataset has 4 classes, its head 3" in (
        only(config))


def test_categories_stand_for_classes_where_there_are_none(
        config, only, tmp_path):
    """As of iNat2021, whose classes are in its annotations alone."""
    categories = [
        dict(id=i, name=str(i), image_dir_name=str(i)) for i in range(5)
    ]
    (tmp_path / 'train.json').write_text(
        json.dumps(dict(images=[], annotations=[], categories=categories)))
    config.sources[0].train = dict(
        type='xlearner_mm.INat2021',
        ann_file=str(tmp_path / 'train.json'),
        pipeline=config.sources[0].train.pipeline)
    assert 'its dataset has 5 classes, its head 3' in only(config)


def test_classes_under_other_names_than_the_files_are_refused(
        config, find, tmp_path):
    config.sources[1].train.ann_file = rewrite(
        ann_file(config), tmp_path / 'a.json', ['cat', 'dog'])
    finding, = find(config)
    assert finding.level == 'error'
    assert "2 of its 2 classes, e.g. 'thing_0', are no categories" in (
        finding.what)


def test_a_class_that_the_file_lacks_is_noticed(config, find, tmp_path):
    config.sources[1].train.ann_file = rewrite(
        ann_file(config), tmp_path / 'a.json', ['thing_1', 'dog'])
    finding, = find(config)
    assert finding.level == 'warning'
    assert "1 of its 2 classes, e.g. 'thing_0'" in finding.what


def test_another_order_in_validation_is_noticed(config, only, tmp_path):
    """Labels follow the order of the file, which no metric would notice."""
    file = rewrite(
        ann_file(config), tmp_path / 'a.json', ['thing_1', 'thing_0'])
    config.sources[1].val.ann_file = file
    config.sources[1].evaluator.ann_file = file
    assert "label 0 is 'thing_1' here and 'thing_0' there" in only(
        config, 'warning')


def test_the_squeeze_has_no_heads_to_compare(config, find):
    config.sources[2].model = tiny.fcn(2)
    config.model = dict(
        type='SqueezeDistiller',
        teacher=tiny.expanded_resnet(
            init_cfg=dict(type='Pretrained', checkpoint='none.pth')),
        student=tiny.sub_backbone(),
        sources=config.sources)
    finding, = find(config)
    assert 'none.pth' in finding.what


def stock(name: str, dataset: dict) -> Config:
    """Return a config of a stock runner with a model of mmdet's."""
    return Config(
        dict(
            default_scope='mmdet',
            model=get_config(f'mmdet::{name}').model,
            train_dataloader=dict(batch_size=1, dataset=dataset)))


def test_proposals_have_one_class_for_all(config, find):
    train = config.sources[1].train
    assert find(stock('rpn/rpn_r50_fpn_1x_coco.py', train)) == []


def test_a_panoptic_models_boxes_have_the_things_alone(tmp_path, find):
    (tmp_path / 'a.json').write_text('{}')
    dataset = dict(
        type='CocoPanopticDataset',
        ann_file=str(tmp_path / 'a.json'),
        data_prefix=dict(img=str(tmp_path), seg=str(tmp_path)),
        pipeline=[])
    name = 'panoptic_fpn/panoptic-fpn_r50_fpn_1x_coco.py'
    assert find(stock(name, dataset)) == []


def test_more_classes_than_a_stock_head_has_are_noticed(config, only):
    cfg = stock('retinanet/retinanet_r50_fpn_1x_coco.py',
                config.sources[1].train)
    cfg.model.bbox_head.num_classes = 1
    assert 'its dataset has 2 classes, its head 1' in only(cfg, 'warning')


def test_proposals_of_one_of_our_sources_are_refused_as_by_the_loop(
        config, find):
    model = get_config('mmdet::rpn/rpn_r50_fpn_1x_coco.py').model
    del model.backbone
    model.data_preprocessor = config.sources[1].model.data_preprocessor
    config.sources[1].model = model
    found = find(config)
    assert [f.level for f in found] == ['error', 'error']
    assert 'its dataset has 2 classes, its head 1' in found[0].what
