"""Deployed backbones against PyTorch's, in their own runtimes."""
import importlib.util
import runpy
import sys
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch

from xlearner_mm.apis import deploy_backbone
from xlearner_mm.apis.deploy import SHAPES
from xlearner_mm.apis.export import build_plain
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny

TOOL = Path(__file__).parents[2] / 'tools/model_converters/deploy_backbone.py'
NETS = dict(
    resnet=tiny.sub_backbone(out_indices=(1, 3)),
    convnext=dict(
        type='mmpretrain.ConvNeXt',
        arch=dict(depths=(1, 1, 1, 1), channels=(4, 8, 8, 8)),
        out_indices=(0, 3),
        gap_before_final_norm=False),
    mobilenet=dict(
        type='mmpretrain.MobileNetV2', widen_factor=0.25, out_indices=(2, 7)),
    efficientnet=dict(
        type='mmpretrain.EfficientNet', arch='b0', out_indices=(3, 6)))


def written(name: str, folder: Path, kind: str = 'backbone'):
    """Write a network with statistics of its own, and a config; build it."""
    net = build_plain(NETS[name])
    generator = torch.Generator().manual_seed(0)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    net.eval()  # whose result is None in mmpretrain
    torch.save(net.state_dict(), folder / 'net.pth')
    (folder / 'config.py').write_text(f'model = {({kind: NETS[name]})!r}')
    return net, str(folder / 'net.pth'), str(folder / 'config.py')


@pytest.fixture(autouse=True)
def packages(written_sources):
    """The three packages are registered."""


@pytest.mark.parametrize('name', [
    'resnet', *(pytest.param(n, marks=pytest.mark.slow)
                for n in ('convnext', 'mobilenet'))
])
def test_onnx_gives_the_features_at_any_batch_and_size(name, tmp_path):
    net, src, config = written(name, tmp_path)
    dst = tmp_path / 'new/net.onnx'
    found = deploy_backbone(src, str(dst), config)
    onnx.checker.check_model(str(dst))
    session = onnxruntime.InferenceSession(str(dst))
    stages = ['stage_0' if name == 'convnext' else 'stage_1', 'stage_3']
    assert [out.name for out in session.get_outputs()] == stages
    assert [(d.shape, d.output) for d in found] == [(s, n) for s in SHAPES
                                                    for n in stages]
    x = torch.rand(4, 3, 71, 130)
    with torch.no_grad():
        expected = net(x)
    for ours, theirs in zip(expected, session.run(None, {'image': x.numpy()})):
        theirs = torch.from_numpy(theirs)
        assert (ours - theirs).abs().max() <= 1e-5 * ours.abs().max()


@pytest.mark.parametrize('suffix', ['.torchscript', '.pt'])
def test_torchscript_gives_the_features_at_any_batch_and_size(
        suffix, tmp_path):
    net, src, config = written('resnet', tmp_path, 'student')
    dst = tmp_path / f'net{suffix}'
    deploy_backbone(src, str(dst), config)
    x = torch.rand(4, 3, 71, 130)
    for ours, theirs in zip(net(x), torch.jit.load(str(dst))(x), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_trace_that_fits_one_size_is_not_written(tmp_path):
    _, src, config = written('efficientnet', tmp_path)
    dst = tmp_path / 'net.torchscript'
    with pytest.raises(UserError, match=r'not written, .*\(1, 3, 224, 224\)'):
        deploy_backbone(src, str(dst), config)
    assert not dst.exists()


@pytest.mark.parametrize('dst, kind, words', [
    ('net.engine', 'backbone', r"one of \['.onnx', '.torchscript', '.pt'\]"),
    ('net.onnx', 'type', 'has neither student nor backbone'),
])
def test_wrong_options_are_refused(dst, kind, words, tmp_path):
    _, src, config = written('resnet', tmp_path, kind)
    with pytest.raises(UserError, match=words):
        deploy_backbone(src, str(tmp_path / dst), config)


def test_weights_of_another_network_are_refused(tmp_path):
    _, src, _ = written('mobilenet', tmp_path)
    (tmp_path / 'other').mkdir()
    _, _, config = written('resnet', tmp_path / 'other')
    with pytest.raises(UserError, match='does not fit the ResNet'):
        deploy_backbone(src, str(tmp_path / 'net.onnx'), config)


def test_a_missing_package_is_named_with_the_remedy(tmp_path, monkeypatch):
    _, src, config = written('resnet', tmp_path)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, 'find_spec', lambda name, *args: None
        if name == 'onnxruntime' else find(name, *args))
    with pytest.raises(UserError, match='needs onnxruntime: pip install onnx'):
        deploy_backbone(src, str(tmp_path / 'net.onnx'), config)


def test_the_tool_prints_the_differences(tmp_path, monkeypatch, capsys):
    _, src, config = written('resnet', tmp_path)
    dst = str(tmp_path / 'net.pt')
    monkeypatch.setattr(sys, 'argv', [str(TOOL), src, dst, '--config', config])
    runpy.run_path(str(TOOL), run_name='__main__')
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f'{dst}: ')
    assert lines[1].startswith('1 x 3 x 224 x 224  stage_1  0.0e+00')
    assert len(lines) == 1 + 2 * len(SHAPES)
