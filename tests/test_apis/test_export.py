"""Exported files against mmdet, mmseg, mmpretrain and torchvision."""
import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torchvision
from mmengine.registry import MODELS as MMENGINE_MODELS

from xlearner_mm.apis import check_export, export_backbone, export_neck
from xlearner_mm.apis.export import Backbone, build_plain
from xlearner_mm.engine.hooks.pretrained_check_hook import compare
from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import kept_weights, num_weights
from xlearner_mm.testing import runs, tiny


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """An expansion of two iterations, and its squeeze."""
    root = tmp_path_factory.mktemp('export')
    sources = [tiny.cls_source(root), tiny.seg_source(root)]
    runs.train(tiny.run_config(sources, root / 'expansion', max_iters=2))
    runner, _ = runs.train(
        runs.squeeze_config(sources, root / 'squeeze',
                            root / 'expansion/iter_2.pth'))
    return root, runner.model


def test_resnet50_is_torchvisions_318_entries(tmp_path):
    cfg = dict(type='mmpretrain.ResNet', depth=50)
    backbone = Backbone(cfg, build_plain(cfg).state_dict())
    torch.save(backbone.state_dict, tmp_path / 'r50.pth')
    report = check_export(backbone, str(tmp_path / 'r50.pth'))
    assert all('318 entries match' in line for line in report.values())
    plain = torchvision.models.resnet50().state_dict()
    assert set(
        backbone.state_dict) == {k
                                 for k in plain if not k.startswith('fc.')}


def test_exported_features_are_the_students_bit_for_bit(work):
    root, distiller = work
    file = root / 'new_folder/student.pth'
    backbone = export_backbone(str(root / 'squeeze/iter_4.pth'), str(file))
    assert not any('guidance' in k for k in backbone.state_dict)
    x = torch.rand(2, 3, 37, 51)
    distiller.eval()
    expected = distiller.student(x)
    for scope in ('mmdet', 'mmseg', 'mmpretrain'):
        net = MMENGINE_MODELS.build(
            tiny.sub_backbone(
                type=f'{scope}.ResNet',
                init_cfg=dict(type='Pretrained', checkpoint=str(file))))
        net.init_weights()
        net.eval()
        for one, two in zip(net(x), expected):
            assert torch.equal(one, two)


def test_a_sub_backbone_needs_its_task(work):
    root, _ = work
    src, dst = str(root / 'expansion/iter_2.pth'), str(root / 'seg.pth')
    with pytest.raises(UserError, match=r"\['cls', 'seg'\].*--task"):
        export_backbone(src, dst)
    backbone = export_backbone(src, dst, task='seg')
    state = torch.load(src, weights_only=False)['state_dict']
    for key, value in backbone.state_dict.items():
        assert torch.equal(value, state[f'backbone.sub_backbones.seg.{key}'])
    assert 'entries match' in check_export(backbone, dst)['mmdet']


@pytest.fixture(scope='module')
def pruned(work):
    """The checkpoint of a pruned expansion after an iteration, its model."""
    root, _ = work
    sources = [tiny.cls_source(root), tiny.seg_source(root)]
    model = dict(
        type='PrunedExpansionModel',
        backbone=tiny.expanded_resnet(type='PrunedExpandedResNet'),
        sources=sources,
        expansion=str(root / 'expansion/iter_2.pth'))
    cfg = tiny.run_config(sources, root / 'pruned', 1, model=model)
    runner, _ = runs.train(cfg)
    return str(root / 'pruned/iter_1.pth'), runner.model


def wrapper_in(message: str) -> dict:
    """Read the config of a backbone that an error message gives."""
    line, = re.findall(r'^backbone=(.*)$', message, re.MULTILINE)
    return ast.literal_eval(line)


@pytest.mark.parametrize('kind', ['expansion', 'pruned'])
def test_without_a_task_the_error_gives_a_config_that_holds_it_all(
        work, pruned, tmp_path, kind):
    file = dict(
        expansion=str(work[0] / 'expansion/iter_2.pth'),
        pruned=pruned[0])[kind]
    with pytest.raises(UserError, match='no plain ResNet can hold') as caught:
        export_backbone(file, str(tmp_path / 'x.pth'))
    message = str(caught.value)
    assert ('squeeze it first' in message) == (kind == 'expansion')
    body = MMENGINE_MODELS.build(wrapper_in(message))
    body.init_weights()
    state = torch.load(file, weights_only=False)['state_dict']
    held = {k[9:]: v for k, v in state.items() if k.startswith('backbone.')}
    found = compare(held, body, ['network'])
    assert not found.lost and not found.random
    assert not (tmp_path / 'x.pth').exists()


def test_a_pruned_sub_backbone_is_a_plain_one_with_zeros(pruned, tmp_path):
    file, model = pruned
    dst = str(tmp_path / 'cls.pth')
    backbone = export_backbone(file, dst, task='cls')
    assert 'entries match' in check_export(backbone, dst)['mmseg']
    net = build_plain(backbone.cfg)
    net.load_state_dict(backbone.state_dict)
    net.eval()
    x = torch.rand(2, 3, 37, 51)
    for one, two in zip(net(x), model.eval().extract(x, 'cls', 'separate')):
        assert torch.equal(one, two)
    kept = kept_weights(model.backbone.sub_backbones['cls'])
    assert kept == sum(
        int(v.count_nonzero()) for v in backbone.state_dict.values()
        if v.ndim == 4) < num_weights(net)


def test_the_heads_of_a_pruned_expansion_are_looked_at_for_necks(
        pruned, tmp_path):
    with pytest.raises(UserError, match="'animals' has no neck with weights"):
        export_neck(pruned[0], str(tmp_path / 'neck.pth'), 'animals')


def test_the_tool_says_it_in_one_line_of_error(pruned, tmp_path):
    tool = Path(__file__).parents[2] / 'tools/model_converters'
    done = subprocess.run(
        [sys.executable, tool / 'export_backbone.py', pruned[0],
         str(tmp_path / 'x.pth')], capture_output=True, text=True,
        env=dict(os.environ, PYTHONPATH=str(tool.parents[1])))  # yapf: disable
    assert done.returncode == 1 and 'Traceback' not in done.stderr
    assert "--task, or use the whole of it" in done.stderr
    assert wrapper_in(done.stderr)['init_cfg']['checkpoint'] == pruned[0]


@pytest.mark.parametrize('change, message', [
    (lambda s: s.pop('layer4.1.bn2.bias'), 'missing .*layer4.1.bn2.bias'),
    (lambda s: s.update(extra=torch.zeros(1)), 'not expected .*extra'),
    (lambda s: s['conv1.weight'].mul_(1.01), 'features differ'),
])
def test_check_fails_loudly_on_a_spoilt_file(work, tmp_path, change, message):
    root, _ = work
    backbone = export_backbone(
        str(root / 'squeeze/iter_4.pth'), str(tmp_path / 'a.pth'))
    spoilt = {k: v.clone() for k, v in backbone.state_dict.items()}
    change(spoilt)
    torch.save(spoilt, tmp_path / 'b.pth')
    with pytest.raises(UserError, match=message):
        check_export(backbone, str(tmp_path / 'b.pth'))


def test_a_file_without_config_is_refused(tmp_path):
    torch.save(dict(state_dict={}), tmp_path / 'x.pth')
    with pytest.raises(UserError, match='holds no config'):
        export_backbone(str(tmp_path / 'x.pth'), str(tmp_path / 'y.pth'))
