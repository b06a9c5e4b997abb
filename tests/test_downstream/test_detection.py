"""Detection configs on tiny files in the real layouts."""
import re

import det_runs
import mmseg_runs as runs
import pytest
import torch
from mmdet.registry import DATASETS, MODELS
from mmengine.optim import MultiStepLR
from mmengine.registry import DefaultScope

from xlearner_mm.apis import load_config
from xlearner_mm.apis.cli import VARIABLES
from xlearner_mm.errors import UserError
from xlearner_mm.transfer.lr_search import shortened

FILES = sorted(det_runs.FOLDER.glob('*.py'))
C4, FPN = (det_runs.find(f'faster-rcnn_r50-{name}') for name in ('c4', 'fpn'))
ARCHITECTURES = {
    'faster-rcnn': 'FasterRCNN',
    'mask-rcnn': 'MaskRCNN',
    'retinanet': 'RetinaNet'
}


@pytest.fixture(autouse=True)
def mmdet_scope(monkeypatch):
    """Build mmdet's parts; leave no scope behind, read no shell's options."""
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with DefaultScope.overwrite_default_scope('mmdet'):
        yield


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """All data sets, and ResNet-18 of width 8 and 64, in one folder."""
    root = tmp_path_factory.mktemp('det')
    det_runs.write_voc(root)
    det_runs.write_bccd(root)
    det_runs.write_coco(root)
    for width in (8, 64):
        det_runs.export(root / f'r18-w{width}.pth', 18, width)
    return root


def load(file, data_root, **options):
    width = 64 if file == C4 else 8
    return det_runs.load(file, data_root, data_root / f'r18-w{width}.pth', 18,
                         width, **options)


def test_folder_holds_the_five_configs():
    assert [file.name.partition('_xlearner')[0] for file in FILES] == [
        'faster-rcnn_r18-fpn', 'faster-rcnn_r50-c4', 'faster-rcnn_r50-fpn',
        'mask-rcnn_r50-fpn', 'retinanet_r50-fpn'
    ]


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_name_says_what_the_config_does(file):
    text, cfg = file.read_text(), load_config(str(file))
    assert text.startswith('"""') and file.name in text.split('"""')[1]
    assert len(text.splitlines()) <= 40
    kind, depth, neck, gpus, batch, length, unit, data = re.fullmatch(
        r'([\w-]+)_r(\d+)-(\w+)_xlearner-pre_(\d+)xb(\d+)-(\d+)([kex])_(\w+)',
        file.stem).groups()
    assert cfg.model.type == ARCHITECTURES[kind]
    if depth == '50':
        assert cfg.model.backbone.depth == 50
    else:
        assert f'depth={depth}' in text
    if neck == 'fpn':
        assert cfg.model.neck.type == 'FPN'
    else:
        assert cfg.model.roi_head.shared_head.depth == int(depth)
        assert 'neck' not in cfg.model
    assert cfg.train_dataloader.batch_size == int(batch)
    assert cfg.auto_scale_lr.base_batch_size == int(gpus) * int(batch)
    train = cfg.train_cfg
    assert train.val_interval == (
        train.max_iters if unit == 'k' else train.max_epochs)
    assert train.val_interval == int(length) * dict(k=1000, e=1, x=12)[unit]
    where = dict(voc0712='VOCdevkit', coco='coco', bccd='det/bccd')[data]
    assert cfg.val_dataloader.dataset.data_root.strip('/').endswith(where)


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_stock_runner_trains_and_validates(file, data_root, tmp_path):
    cfg = load(file, data_root)
    runs.check_transfer(cfg, data_root)
    runner = runs.build(cfg, tmp_path)
    before = torch.load(cfg.checkpoint, weights_only=True)
    runner.train()
    scalars = runner.message_hub.log_scalars
    assert 0 < scalars['train/loss'].current() < 1000
    score = scalars[f'val/{cfg.transfer.metric}'].current()
    assert 0 <= score * cfg.transfer.scale <= 100
    after = runner.model.backbone.state_dict()
    frozen = 'coco' in file.name
    for name in ('conv1.weight', 'layer1.0.bn1.weight', 'bn1.running_mean'):
        assert torch.equal(after[name], before[name]) == frozen, name
    assert not torch.equal(after['layer3.1.conv2.weight'],
                           before['layer3.1.conv2.weight'])


@pytest.mark.parametrize(
    'file, depth, width',
    [(file, depth, width) for file in FILES
     for depth, width in [(18, 64), (50, 64), (152, 64), (34, 16), (50, 16)]
     if file != C4 or width == 64],
    ids=lambda value: getattr(value, 'stem', value))
def test_heads_fit_resnets_of_other_shapes(file, data_root, depth, width):
    cfg = det_runs.load(file, data_root, 'none.pth', depth, width)
    model = MODELS.build(cfg.model)
    model.eval()
    with torch.no_grad():
        features = model.extract_feat(torch.zeros(1, 3, 64, 64))
        if file == C4:
            assert features[0].shape == (1, cfg.channels[2], 4, 4)
            roi = model.roi_head.shared_head(features[0])
            assert model.roi_head.bbox_head.fc_cls.in_features == roi.shape[1]
        else:
            assert len({f.shape[1] for f in features}) == 1
            assert [f.shape[-1] for f in features
                    ][-3:] == ([2, 1, 1] if file.name.startswith('retina') else
                               [4, 2, 1])


def test_c4_refuses_another_width():
    with pytest.raises(UserError, match='width 16.*use a config with FPN'):
        load_config(str(C4), dict(width=16))


@pytest.mark.parametrize('file', [C4, FPN], ids=['c4', 'fpn'])
def test_voc_follows_mocos_recipe(file):
    cfg = load_config(str(file))
    warm_up, steps = cfg.param_scheduler
    assert warm_up.end == 100 and not warm_up.by_epoch
    assert steps.milestones == [18000, 22000] and not steps.by_epoch
    assert cfg.optim_wrapper.optimizer == dict(
        type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
    assert cfg.transfer.lr.SGD == (0.001, 0.05)
    assert cfg.val_evaluator == dict(
        type='VOCMetric', metric='mAP', eval_mode='11points')
    assert 'bbox_min_size' not in cfg.pretty_text
    resize = cfg.train_dataloader.dataset.datasets[1].pipeline[2]
    assert {s for _, s in resize.scales} == {*range(480, 801, 32)}
    assert cfg.model.data_preprocessor.mean == [123.675, 116.28, 103.53]
    assert cfg.model.data_preprocessor.bgr_to_rgb
    model = MODELS.build(cfg.model)
    model.train()
    assert all(p.requires_grad for p in model.parameters())
    assert all(m.training for m in model.modules())


def test_voc_trains_on_both_years_without_difficult_boxes(data_root):
    cfg = load(FPN, data_root)
    train = DATASETS.build(cfg.train_dataloader.dataset)
    assert [part.sub_data_root.strip('/')[-7:]
            for part in train.datasets] == ['VOC2007', 'VOC2012']
    assert len(train) == 4
    info = train.get_data_info(3)
    assert [x['ignore_flag'] for x in info['instances']] == [0, 1, 0]
    assert [x['bbox'] for x in info['instances']] == det_runs.BOXES[0]
    assert len(train[3]['data_samples'].gt_instances) == 2
    sample = DATASETS.build(cfg.val_dataloader.dataset)[0]['data_samples']
    assert len(sample.gt_instances) == 2
    # The test's boxes keep the picture's own pixels.
    assert sample.ignored_instances.bboxes.tensor.tolist() == [
        det_runs.BOXES[0][1]
    ]


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_a_short_search_starts_at_the_rate_it_tries(file):
    """A milestone rounded to 0 would divide the rate at once."""
    cfg = shortened(load_config(str(file)), 0.1)
    steps = cfg.param_scheduler[1]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    MultiStepLR(optimizer, milestones=steps.milestones, gamma=steps.gamma)
    assert optimizer.param_groups[0]['lr'] == 1.0
