"""The FPN of an expansion in a detector of the transfer suite."""
import runpy
import sys
from pathlib import Path

import det_runs
import mmseg_runs
import pytest
import torch
from mmengine.registry import DefaultScope

from xlearner_mm.apis import export_backbone, export_neck, load_config
from xlearner_mm.apis.cli import VARIABLES
from xlearner_mm.errors import UserError
from xlearner_mm.testing import runs, tiny

TOOL = Path(__file__).parents[2] / 'tools/model_converters/export_backbone.py'
CONFIG = det_runs.find('faster-rcnn_r50-fpn')
#: The detector's parts that fit the tiny FPN of width 8.
NARROW = {
    'model.neck.out_channels': 8,
    'model.rpn_head.in_channels': 8,
    'model.roi_head.bbox_roi_extractor.out_channels': 8,
    'model.roi_head.bbox_head.in_channels': 8
}


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """An expansion with a detection source of five levels, and VOC."""
    root = tmp_path_factory.mktemp('neck')
    model = tiny.faster_rcnn(2)
    model['neck']['num_outs'] = 5
    model['rpn_head']['anchor_generator']['strides'] = [4, 8, 16, 32, 64]
    sources = [
        tiny.cls_source(root),
        tiny.det_source(root, model=model),
        tiny.seg_source(root)
    ]
    runs.train(tiny.run_config(sources, root / 'expansion', max_iters=2))
    squeeze = runs.squeeze_config(
        sources, root / 'squeeze', root / 'expansion/iter_2.pth', max_iters=1)
    runs.train(squeeze)
    export_backbone(expansion(root), str(root / 'det.pth'), task='det')
    export_neck(expansion(root), str(root / 'necks/fpn.pth'), 'things')
    det_runs.write_voc(root)
    return root


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with DefaultScope.overwrite_default_scope('mmdet'):
        yield


def expansion(work) -> str:
    return str(work / 'expansion/iter_2.pth')


def test_neck_is_that_of_the_source(work):
    neck = torch.load(work / 'necks/fpn.pth', weights_only=True)
    state = torch.load(expansion(work), weights_only=False)['state_dict']
    assert {key.split('.')[0]
            for key in neck} == {'lateral_convs', 'fpn_convs'}
    assert len(neck) == 16  # eight convolutions, weights and biases
    for key, value in neck.items():
        assert torch.equal(value, state[f'heads.things.neck.{key}'])


def test_detector_starts_from_backbone_and_neck(work, tmp_path):
    cfg = det_runs.load(
        CONFIG,
        work,
        work / 'det.pth',
        18,
        8,
        neck=str(work / 'necks/fpn.pth'),
        **NARROW)
    assert [hook.modules for hook in cfg.custom_hooks] == [['backbone'],
                                                           ['neck']]
    cfg.optim_wrapper.optimizer.lr = 0.0
    runner = mmseg_runs.build(cfg, tmp_path)
    runner.train()
    neck = torch.load(work / 'necks/fpn.pth', weights_only=True)
    held = runner.model.neck.state_dict()
    assert held.keys() == neck.keys()
    for key, value in neck.items():
        assert torch.equal(held[key], value), key


def test_a_neck_of_another_width_stops_the_run(work, tmp_path):
    cfg = det_runs.load(
        CONFIG,
        work,
        work / 'det.pth',
        18,
        8,
        neck=str(work / 'necks/fpn.pth'))
    with pytest.raises(
            UserError, match=r'fpn\.pth does not fit neck: 0 .*\(256, '):
        mmseg_runs.build(cfg, tmp_path).train()


def test_without_a_neck_the_fpn_starts_as_upstreams(work):
    cfg = load_config(str(CONFIG))
    assert [hook.modules for hook in cfg.custom_hooks] == [['backbone']]
    assert cfg.model.neck.init_cfg == dict(
        type='Xavier', layer='Conv2d', distribution='uniform')


@pytest.mark.parametrize('run, source, message', [
    ('expansion/iter_2.pth', 'cats',
     r"no source 'cats' among \['animals', 'things', 'stuff'\]; sources with "
     r"a neck: \['things'\]"),
    ('expansion/iter_2.pth', 'animals', "'animals' has no neck with weights"),
    ('squeeze/iter_1.pth', 'things', 'SqueezeDistiller, which has no heads'),
    ('nowhere.pth', 'things', 'no checkpoint at .*nowhere.pth'),
    ('det.pth', 'things', 'holds no config'),
])
def test_there_is_no_such_neck(work, tmp_path, run, source, message):
    with pytest.raises(UserError, match=message):
        export_neck(str(work / run), str(tmp_path / 'neck.pth'), source)
    assert not (tmp_path / 'neck.pth').exists()


def test_the_tool_writes_the_neck(work, tmp_path, monkeypatch, capsys):
    file = tmp_path / 'neck.pth'
    arguments = [str(TOOL), expansion(work), str(file), '--neck', 'things']
    monkeypatch.setattr(sys, 'argv', arguments)
    runpy.run_path(str(TOOL), run_name='__main__')
    assert f"{file}: 16 entries of the neck of 'things'" in (
        capsys.readouterr().out)
    expected = torch.load(work / 'necks/fpn.pth', weights_only=True)
    found = torch.load(file, weights_only=True)
    assert found.keys() == expected.keys()
    monkeypatch.setattr(sys, 'argv', [*arguments, '--check'])
    with pytest.raises(SystemExit):
        runpy.run_path(str(TOOL), run_name='__main__')
    assert '--neck goes with neither' in capsys.readouterr().err
