"""Tasks that the paper does not have, from their source files alone."""
import json
import re
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from xlearner_mm.apis import check_export, export_backbone
from xlearner_mm.apis.cli import environment
from xlearner_mm.datasets import build_train_loader
from xlearner_mm.doctor import examine
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (build_runner, differences, gradients,
                                      squeeze_config, state_of, train)
from xlearner_mm.testing.shrinking import shrink
from xlearner_mm.testing.source_files import write_coco
from xlearner_mm.testing.task_files import write_depth, write_voc07

SOURCES = Path(__file__).parents[1] / 'configs/_base_/sources'
LOOPS = dict(
    val_cfg=dict(type='MultiSourceValLoop'),
    test_cfg=dict(type='MultiSourceTestLoop'))


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """Small files of each of the sources."""
    root = tmp_path_factory.mktemp('data')
    write_depth(root / 'depth/red_kitchen')
    write_coco(root / 'coco')
    write_voc07(root / 'VOCdevkit/VOC2007')
    return root


def read(root: Path, name: str, by: int) -> dict:
    """Read a source, divide its widths and sizes, and normalise as tiny's."""
    with environment(dict(XLEARNER_DATA=str(root))):
        source = Config.fromfile(SOURCES / f'{name}.py')[Path(name).name]
    shrink(source, by)
    source.batch_size = source.val_batch_size = 2
    source.model.data_preprocessor.update(tiny.MEAN_STD)
    return source.to_dict()


@pytest.fixture
def kitchen(root):
    """The source of depth, for a ResNet-18 of width 8."""
    return read(root, 'small/red_kitchen', by=4)


@pytest.fixture
def instances(root):
    """The source of masks, for a ResNet-50 of width 8."""
    return read(root, 'coco_instances', by=8)


@pytest.fixture
def labels(root):
    """The source of several labels a picture, for a ResNet-50 of width 8."""
    return read(root, 'voc07_labels', by=8)


def config(sources: list[dict],
           work_dir: Path,
           depth: int = 18,
           **kwargs) -> dict:
    """Config of an expansion run of two iterations, with validation."""
    loop = dict(sources=sources)
    cfg = tiny.run_config(
        sources,
        work_dir,
        max_iters=2,
        **LOOPS,
        **{
            f'{split}_{part}': dict(loop)
            for split in ('val', 'test')
            for part in ('dataloader', 'evaluator')
        },
        **kwargs)
    cfg['model']['backbone']['sub_backbone']['depth'] = depth
    return cfg


def scores(runner) -> dict[str, float]:
    """Return what the validation at the end of a run found."""
    return {
        key.removeprefix('val/'): value.current()
        for key, value in runner.message_hub.log_scalars.items()
        if key.startswith('val/')
    }


@pytest.fixture(scope='module')
def four(written_sources, root, tmp_path_factory):
    """Config of a run with four tasks."""
    sources = [*written_sources, read(root, 'small/red_kitchen', by=4)]
    return config(sources, tmp_path_factory.mktemp('expansion'))


@pytest.fixture(scope='module')
def expansion(four):
    """Its runner at the end, and its losses; a checkpoint per iteration."""
    return train(deepcopy(four))


def test_the_doctor_finds_nothing_wrong_with_four_tasks(four):
    found = examine(Config(deepcopy(four)))
    assert [f for f in found if f.level != 'ok'] == []


def test_four_tasks_have_gammas_in_twelve_directions(expansion):
    pairs = {
        re.search(r'([a-z]+)_\d_to_([a-z]+)_', name).groups()
        for name, _ in expansion[0].model.named_parameters() if '_to_' in name
    }
    tasks = ('cls', 'det', 'seg', 'depth')
    assert pairs == {(s, t) for s in tasks for t in tasks if s != t}


def test_depth_trains_and_is_scored_beside_three_tasks(expansion):
    runner, losses = expansion
    for k in range(2):
        assert 0 < losses[k]['red_kitchen.decode.loss_silog'] < 20
    found = scores(runner)
    assert {'red_kitchen/rmse', 'red_kitchen/abs_rel'} <= set(found)
    assert found['average/score'] == pytest.approx(
        (found['animals/top1'] + 100 * found['things/bbox_mAP'] +
         found['stuff/mIoU'] + 100 * found['red_kitchen/d1']) / 4)


def test_a_resumed_run_with_depth_equals_the_unbroken_one(
        four, expansion, tmp_path):
    runner, _ = train(
        deepcopy(four),
        work_dir=str(tmp_path),
        load_from=f"{four['work_dir']}/iter_1.pth",
        resume=True)
    assert not list(differences(state_of(runner), state_of(expansion[0])))


def test_depth_is_squeezed_and_exported(four, expansion, tmp_path):
    teacher = Path(four['work_dir'], 'iter_2.pth')
    _, losses = train(
        squeeze_config(
            deepcopy(four['sources']), tmp_path, teacher, max_iters=1))
    for source in four['sources']:
        assert losses[0][f"{source['name']}.depth_hint_loss"] > 0
    for file, task in ((tmp_path / 'iter_1.pth', None), (teacher, 'depth')):
        out = str(tmp_path / 'resnet.pth')
        check_export(export_backbone(str(file), out, task=task), out)


def gradients_of(source: dict, key: str, depth: int) -> set[str]:
    """Backpropagate one loss of a source's alone; name who gets a gradient."""
    cfg = tiny.run_config([source], Path('unused'))['model']
    cfg['backbone']['sub_backbone']['depth'] = depth
    model = MODELS.build(cfg)
    model.init_weights()
    batch = next(iter(build_train_loader([source], max_iters=1)))
    torch.manual_seed(0)
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    losses[f"{source['name']}.{key}"].backward()
    return gradients(model)


@pytest.mark.parametrize('name, key, layer, depth', [
    ('kitchen', 'decode.loss_silog', 'decode_head.conv_seg.weight', 18),
    ('instances', 'loss_mask', 'roi_head.mask_head.conv_logits.weight', 50),
    ('labels', 'loss', 'head.fc.weight', 50),
])
def test_the_loss_of_the_labels_reaches_the_whole_sub_backbone(
        request, name, key, layer, depth):
    source = request.getfixturevalue(name)
    found = gradients_of(source, key, depth)
    backbone = f"backbone.sub_backbones.{source['task']}."
    assert f"heads.{source['name']}.{layer}" in found
    assert {f'{backbone}conv1.weight',
            f'{backbone}layer4.1.conv2.weight'} <= found


def test_instances_are_scored_by_boxes_and_by_masks(instances, tmp_path):
    instances['model']['test_cfg']['rcnn']['score_thr'] = 0.0
    found = build_runner(config([instances], tmp_path, depth=50)).val()
    assert {'coco_instances/bbox_mAP', 'coco_instances/segm_mAP'} <= set(found)
    assert found['average/score'] == 100 * found['coco_instances/segm_mAP']


def test_masks_of_the_callers_batch_stay_unpadded(instances):
    batch = next(iter(build_train_loader([instances], max_iters=1)))
    samples = batch['coco_instances']['data_samples']
    shapes = [s.gt_instances.masks.masks.shape for s in samples]
    model = MODELS.build(tiny.run_config([instances], Path('unused'))['model'])
    padded = model.data_preprocessor(batch, True)['data_samples']
    after = [s.gt_instances.masks.masks.shape for s in samples]
    assert after == shapes != [
        s.gt_instances.masks.masks.shape for s in padded['coco_instances']
    ]


def test_pictures_may_have_any_number_of_labels(labels, tmp_path):
    runner, losses = train(config([labels], tmp_path, depth=50))
    assert len(losses) == 2
    found = scores(runner)
    assert found['average/score'] == found['voc07_labels/mAP'] > 0
    assert 'voc07_labels/f1-score' in found


def test_labels_beyond_a_multi_label_head_are_refused(labels, tmp_path):
    file = tmp_path / 'labels.json'
    file.write_text(
        json.dumps(
            dict(
                metainfo=dict(),
                data_list=[
                    dict(img_path='a.jpg', gt_label=[3]),
                    dict(img_path='b.jpg', gt_label=[0, 20])
                ])))
    labels['train'] = dict(
        type='MultiLabelDataset', ann_file=str(file), pipeline=[])
    with pytest.raises(UserError, match='label 20 is outside the 20 classes'):
        build_runner(config([labels], tmp_path / 'run', depth=50)).train()


def test_a_task_whose_only_source_has_no_val_is_left_out_of_the_average(
        sources, kitchen, tmp_path):
    kitchen['val'] = None
    found = build_runner(config([sources[0], kitchen], tmp_path)).val()
    assert not any(key.startswith('red_kitchen') for key in found)
    assert found['average/score'] == found['animals/top1']
