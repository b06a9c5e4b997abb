"""Expanded networks and plain ones as the downstream configs read them."""
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS as STOCK
from mmengine.registry import DefaultScope

from xlearner_mm.apis import (backbone_variables, load_config, load_pretrained,
                              write_backbone, write_plain)
from xlearner_mm.apis.cli import VARIABLES
from xlearner_mm.apis.export import read_trained
from xlearner_mm.engine.hooks.pretrained_check_hook import compare
from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import kept_weights
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.expanded_runs import train_expanded
from xlearner_mm.transfer import Suite, Transfer, write_report

CONFIGS = Path(__file__).parents[2] / 'configs'
PROBE = CONFIGS / 'demo/linear-probe_r18_demo.py'
RETINANET = CONFIGS / 'demo/retinanet_r18_demo.py'
DOWNSTREAM = CONFIGS / 'downstream'
TASKS = ('cls', 'det', 'seg')
FEATURES = [('r', None), ('p', None), ('p', ('det', )), ('r', ('seg', 'cls'))]
IMAGES = torch.rand(2, 3, 65, 51, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope='module')
def files(tmp_path_factory) -> dict[str, str]:
    return train_expanded(tmp_path_factory.mktemp('runs'))


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)


def model_of(file: str):
    """Build the run's whole model from its checkpoint, on its own."""
    state, cfg = read_trained(file)
    model = MODELS.build(cfg)
    model.load_state_dict(state)
    return model.eval()


def load(config: Path, src: str, folder: Path, out_tasks=None) -> Config:
    """Write a checkpoint's backbone and load a config with it."""
    write_backbone(src, folder / 'b.pth', out_tasks)
    return load_config(
        str(config), variables=backbone_variables(str(folder / 'b.pth')))


@pytest.mark.parametrize('kind, out_tasks', FEATURES)
@torch.no_grad()
def test_a_probe_sees_the_trained_models_features(files, tmp_path, kind,
                                                  out_tasks):
    cfg = load(PROBE, files[kind], tmp_path, out_tasks)
    net = STOCK.build(dict(cfg.backbone, _scope_='mmpretrain'))
    load_pretrained(net, cfg.checkpoint)
    model = model_of(files[kind])
    expected = [
        model.extract(IMAGES, task, 'joint')[-1] for task in out_tasks or TASKS
    ]
    found, = net.eval()(IMAGES)
    assert torch.equal(found, torch.cat(expected, 1))
    assert not torch.equal(  # the gammas take part
        expected[-1],
        model.extract(IMAGES, (out_tasks or TASKS)[-1], 'separate')[-1])
    assert cfg.channels[3] == found.shape[1]


@pytest.mark.parametrize('kind, out_tasks', FEATURES)
@torch.no_grad()
def test_a_stock_model_starts_from_the_trained_network(files, tmp_path, kind,
                                                       out_tasks):
    cfg = load(RETINANET, files[kind], tmp_path, out_tasks)
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = STOCK.build(cfg.model)
    model.init_weights()
    found = model.backbone.eval()(IMAGES)
    trained = model_of(files[kind])
    each = [
        trained.extract(IMAGES, task, 'joint') for task in out_tasks or TASKS
    ]
    for feature, *parts in zip(found, *each, strict=True):
        assert torch.equal(feature, torch.cat(parts, 1))
    assert cfg.channels == [f.shape[1] for f in found]
    hook, = cfg.custom_hooks
    written = torch.load(cfg.checkpoint, weights_only=True)
    compared = compare(written, model, hook.modules)
    assert not compared.lost and not compared.random
    written[next(iter(written))] += 1
    assert compare(written, model, hook.modules).lost
    if kind == 'p':
        assert (kept_weights(model.backbone.network) == kept_weights(
            trained.backbone) == trained.backbone.budget)


def test_options_of_a_config_reach_every_sub_backbone(files, tmp_path):
    config, = DOWNSTREAM.glob('detection/retinanet*.py')
    body = load(config, files['r'], tmp_path).model.backbone
    assert body.type == 'xlearner_mm.ExpandedBackbone' and 'depth' not in body
    net = STOCK.build(body).train()
    for sub in net.network.sub_backbones.values():
        assert not sub.bn1.weight.requires_grad
        assert not sub.layer1[0].conv1.weight.requires_grad
        assert sub.layer2[0].conv1.weight.requires_grad
        assert not sub.layer4[0].bn1.training


def test_options_of_pre_training_are_left_behind(files, tmp_path):
    src = torch.load(files['r'], weights_only=False)
    text = src['meta']['cfg'].replace(
        'depth=18', 'depth=18, norm_eval=True, frozen_stages=2')
    assert text != src['meta']['cfg']
    src['meta']['cfg'] = text
    torch.save(src, tmp_path / 'frozen.pth')
    body = load(RETINANET, str(tmp_path / 'frozen.pth'), tmp_path)
    net = STOCK.build(body.model.backbone).train()
    for sub in net.network.sub_backbones.values():
        assert all(p.requires_grad for p in sub.parameters())
        assert sub.layer4[0].bn1.training


@pytest.mark.parametrize('start, message', [
    ('detection/faster-rcnn_r50-c4', 'C4 detectors keep the last stage'),
    ('segmentation/deeplabv3_r50-d16', 'the last stages are dilated here'),
    ('segmentation/deeplabv3_r50-d8', 'the last stages are dilated here'),
])
def test_configs_that_cannot_take_it_say_so(files, tmp_path, start, message):
    config, = DOWNSTREAM.glob(f'{start}_*.py')
    with pytest.raises(UserError, match=f'{message}.*one sub-backbone'):
        load(config, files['p'], tmp_path)


def test_a_suite_goes_on_after_them(files, tmp_path):
    suite = Suite.from_file(DOWNSTREAM / 'suites/paper.py')
    suite = suite.only(['voc_det', 'voc_seg', 'cifar100_tuned'])
    rows = Transfer(suite, tmp_path, tmp_path).run(dict(p=files['p']))
    assert [(r['task'], r['status'], r['score']) for r in rows] == [
        ('voc_det', 'failed', None),
        ('voc_seg', 'failed', None),
        ('cifar100_tuned', 'no data', None),
    ]
    assert 'C4 detectors keep the last stage' in rows[0]['detail']
    table = write_report(rows, suite, tmp_path)
    assert '| Detection, VOC07+12, R50-C4 (AP50) | - |' in table


@pytest.mark.parametrize('start', [
    'segmentation/upernet', 'depth/fpn-depth_r50',
    'detection/faster-rcnn_r18-fpn', 'detection/mask-rcnn', 'classification/'
])
def test_all_other_configs_take_it(files, tmp_path, start):
    config, = DOWNSTREAM.glob(f'{start}*.py')
    cfg = load(config, files['r'], tmp_path)
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        model = STOCK.build(cfg.model)
    channels = tuple(cfg.channels[-1:] if 'head' in
                     cfg.model else cfg.channels)
    assert model.backbone.out_channels == channels


def test_unknown_tasks_are_answered_with_the_networks(files, tmp_path):
    with pytest.raises(UserError, match=r"\['dot'\].*\['cls', 'det', 'seg'\]"):
        write_backbone(files['r'], tmp_path / 'b.pth', ['dot'])
    assert not list(tmp_path.iterdir())


def test_a_plain_backbone_has_no_tasks(tmp_path):
    src = plain(tmp_path)
    with pytest.raises(UserError, match=r"out_tasks=\['det'\].* plain"):
        write_backbone(src, tmp_path / 'b.pth', ['det'])


@pytest.mark.parametrize('kind', ['r', 'p'])
def test_weights_of_an_expanded_network_alone_are_refused(
        files, tmp_path, kind):
    write_backbone(files[kind], tmp_path / 'b.pth')
    with pytest.raises(UserError, match='not its config; give the checkpoint'):
        write_backbone(str(tmp_path / 'b.pth'), tmp_path / 'c.pth')


@pytest.mark.parametrize('before', [None, 'r', 'p'])
def test_a_plain_one_is_written_as_ever_whatever_was_there(
        files, tmp_path, before):
    if before:
        write_backbone(files[before], tmp_path / 'b.pth')
    src = plain(tmp_path)
    write_backbone(src, tmp_path / 'b.pth')
    write_plain(src, tmp_path / 'plain/b.pth')
    assert ((tmp_path / 'b.pth').read_bytes() == (tmp_path /
                                                  'plain/b.pth').read_bytes())
    assert backbone_variables(str(tmp_path / 'b.pth')) == dict(
        XLEARNER_CKPT=str(tmp_path / 'b.pth'),
        XLEARNER_DEPTH='18',
        XLEARNER_WIDTH='8')


def test_of_another_network_only_the_path_is_told(tmp_path):
    file = str(tmp_path / 'other.pth')
    torch.save(torch.nn.Linear(2, 2).state_dict(), file)
    assert backbone_variables(file) == dict(XLEARNER_CKPT=file)


def plain(folder: Path) -> str:
    """Save a random ResNet-18 of width 8."""
    net = STOCK.build(tiny.sub_backbone(_scope_='mmpretrain'))
    torch.save(net.state_dict(), folder / 'net.pth')
    return str(folder / 'net.pth')
