"""The snippets of use_weights give the features of what was exported."""
import re
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope
from safetensors.torch import save_file

from xlearner_mm.registry import MODELS

PAGE = Path(__file__).resolve().parents[1] / 'docs/en/user_guides'
SNIPPETS = dict(
    re.findall(r'```python\n# use (?:in )?(\w+)\n(.*?)```',
               (PAGE / 'use_weights.md').read_text(), re.S))


@pytest.fixture
def student(tmp_path, monkeypatch):
    """A ResNet-18 in evaluation mode, exported to the working directory."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    net = MODELS.build(
        dict(type='mmpretrain.ResNet', depth=18, out_indices=(0, 1, 2, 3)))
    for name, buffer in net.named_buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    net.eval()
    torch.save(net.state_dict(), 'r18_mine.pth')
    save_file(net.state_dict(), 'r18_mine.safetensors')
    return net


@pytest.mark.parametrize('package', SNIPPETS)
def test_weights_load_as_the_page_says(package, student):
    init_default_scope(package if package.startswith('mm') else 'xlearner_mm')
    space: dict = {}
    exec(SNIPPETS[package], space)
    net = space['net']
    net.eval()  # returns None in the mm packages
    images = torch.rand(2, 3, 65, 97)
    with torch.no_grad():
        features, expected = net(images), student(images)
    if package in ('torchvision', 'safetensors'):
        if package == 'safetensors':
            net.fc = torch.nn.Identity()
            features = net(images)
        features, expected = [features], [expected[-1].mean((2, 3))]
    assert len(features) == len(expected)
    for ours, theirs in zip(features, expected):
        torch.testing.assert_close(ours, theirs)


def test_every_package_of_the_page_is_tried():
    assert set(SNIPPETS) == {
        'torchvision', 'timm', 'mmpretrain', 'mmdet', 'mmseg', 'safetensors'
    }
