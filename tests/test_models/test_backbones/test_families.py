"""Families of backbones as sub-backbones, against upstream's own passes."""
import re
from copy import deepcopy
from pathlib import Path

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.models import ExpandedResNet
from xlearner_mm.models.backbones import families
from xlearner_mm.registry import MODELS
from xlearner_mm.testing.runs import differences, gradients

PAGE = (Path(__file__).parents[3] /
        'docs/en/user_guides/backbones_and_students.md').read_text()
TASKS = ('cls', 'det')
BOTTOM_UP = dict(type='BottomUpReconciliation')
ALL = dict(out_indices=(0, 1, 2, 3))
NARROW = dict(depth=50, base_channels=8, stem_channels=8, **ALL)
CONVNEXT = dict(
    type='mmpretrain.ConvNeXt',
    arch=dict(depths=(1, 1, 2, 1), channels=(8, 16, 24, 32)),
    gap_before_final_norm=False, **ALL)  # yapf: disable
NETS = {
    'ResNetV1c': dict(type='mmpretrain.ResNetV1c', **NARROW),
    'ResNetV1d': dict(type='mmdet.ResNetV1d', **NARROW),
    'ResNeXt': dict(
        type='mmpretrain.ResNeXt', groups=4, width_per_group=4,
        **NARROW),
    'ResNeXt of mmdet': dict(
        type='mmdet.ResNeXt', groups=4, base_width=4, norm_eval=False,
        **NARROW),
    'SEResNet': dict(type='mmpretrain.SEResNet', se_ratio=2, **NARROW),
    'ResNeSt': dict(
        type='mmpretrain.ResNeSt', reduction_factor=2, **NARROW),
    'Res2Net': dict(
        type='mmpretrain.Res2Net', scales=2, base_width=4,
        **dict(NARROW, base_channels=64, stem_channels=8)),
    'RegNet': dict(
        type='mmpretrain.RegNet', arch='regnetx_400mf', **ALL),
    'RegNet of mmdet': dict(
        type='mmdet.RegNet', arch='regnetx_400mf',
        norm_eval=False, **ALL),
    'ConvNeXt': CONVNEXT,
    'ConvNeXt V2': dict(CONVNEXT, use_grn=True, layer_scale_init_value=0.0),
}  # yapf: disable


def images() -> torch.Tensor:
    """Return noise of an odd size."""
    return torch.randn(
        3, 3, 75, 97, generator=torch.Generator().manual_seed(7))


@pytest.fixture(autouse=True)
def packages(written_sources):
    """The three packages are registered."""


@pytest.mark.parametrize('name', NETS)
def test_one_by_one_its_parts_are_upstreams_network_bit_for_bit(name):
    net = ExpandedResNet(TASKS, NETS[name], BOTTOM_UP)
    plain = MODELS.build(NETS[name])
    plain.load_state_dict(net.sub_backbones['cls'].state_dict())
    for train in (True, False):  # fresh gammas add nothing
        net.train(train), plain.train(train)
        for fuse in (True, False):
            ours = deepcopy(net)(images(), 'cls', fuse)
            assert not list(differences(ours, deepcopy(plain)(images())))


@pytest.mark.parametrize('name', NETS)
def test_a_joint_step_trains_its_own_task_and_gammas_alone(name):
    net = ExpandedResNet(TASKS, NETS[name], BOTTOM_UP).train()
    sum(f.square().mean() for f in net(images(), 'det')).backward()
    found = gradients(net)
    assert found == {
        n
        for n, _ in net.named_parameters()
        if n.startswith('sub_backbones.det.') or '_to_det_' in n
    }


@pytest.mark.parametrize('name', NETS)
def test_forward_all_equals_the_tasks_forwards(name):
    net = ExpandedResNet(TASKS, NETS[name], BOTTOM_UP).eval()
    for gamma in net.reconciliation.layers.values():
        for module in gamma.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.data.fill_(0.7)
    together = net.forward_all(images())
    for task in TASKS:
        fused = net(images(), task)
        assert not list(differences(together[task], fused))
        assert list(differences(fused, net(images(), task, False)))


@pytest.mark.parametrize('cfg, words', [
    (dict(type='mmpretrain.MobileNetV2'), 'MobileNetV2: .* no sub-backbone'),
    (dict(CONVNEXT, gap_before_final_norm=True),
     r'ConvNeXt puts out \(1, 8\) .* gap_before_final_norm=False'),
    (dict(type='mmpretrain.DenseNet', **ALL), 'DenseNet: .* can be a student'),
])  # yapf: disable
def test_other_networks_are_refused_as_sub_backbones(cfg, words):
    with pytest.raises(UserError, match=words):
        ExpandedResNet(TASKS, cfg)


def test_a_class_that_runs_otherwise_than_its_family_is_refused():
    base = MODELS.build(dict(NETS['ResNeXt'])).__class__

    @MODELS.register_module(force=True)
    class TwiceAsLarge(base):

        def forward(self, x):
            return super().forward(2 * x)

    cfg = dict(NETS['ResNeXt'], type='xlearner_mm.TwiceAsLarge')
    with pytest.raises(UserError, match='TwiceAsLarge is no ResNetFamily'):
        ExpandedResNet(TASKS, cfg)


@pytest.fixture
def of_the_page(monkeypatch):
    """The family that the page adds, for one test."""
    monkeypatch.setattr(families, '_FAMILIES', dict(families._FAMILIES))
    block, = re.findall(r'```python\n# families_mine.py\n(.*?)```', PAGE, re.S)
    exec(block, {})


def test_the_family_that_the_page_adds_is_upstreams_network(of_the_page):
    cfg = dict(
        type='mmpretrain.MobileNetV2', widen_factor=0.25,
        out_indices=(1, 2, 4, 7))  # yapf: disable
    net = ExpandedResNet(TASKS, cfg, BOTTOM_UP)
    assert net.out_stages['cls'] == (0, 1, 2, 3)
    plain = deepcopy(net.sub_backbones['det'])
    assert not list(differences(net(images(), 'det'), plain(images())))
    sum(f.square().mean() for f in net(images(), 'det')).backward()
    assert {n.split('.')[1] for n in gradients(net)} == {'det', 'layers'}
