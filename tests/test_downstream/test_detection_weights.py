"""What a checkpoint becomes inside the detectors."""
import det_runs
import pytest
import timm
import torch
import torchvision
from mmdet.registry import MODELS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import DefaultScope

from xlearner_mm.apis import load_config, write_plain
from xlearner_mm.apis.cli import VARIABLES
from xlearner_mm.engine.hooks.pretrained_check_hook import compare

C4 = det_runs.find('faster-rcnn_r50-c4')
RETINANET = det_runs.find('retinanet')


@pytest.fixture(autouse=True)
def mmdet_scope(monkeypatch):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with DefaultScope.overwrite_default_scope('mmdet'):
        yield


def load(file, checkpoint, depth):
    return load_config(
        str(file), dict(checkpoint=str(checkpoint), depth=depth, width=64))


@pytest.mark.parametrize('depth', [18, 50])
def test_c4_holds_exactly_the_exported_weights(depth, tmp_path):
    exported = det_runs.export(tmp_path / 'some.pth', depth, 64)
    cfg = load(C4, tmp_path / 'some.pth', depth)
    model = MODELS.build(cfg.model)
    model.init_weights()
    shared = model.roi_head.shared_head
    held = model.backbone.state_dict() | shared.state_dict()
    extra = {key for key in held if key.startswith('norm.')}
    assert held.keys() - extra == exported.keys()
    for key, value in exported.items():
        assert torch.equal(held[key], value), key
    # What the check that ends a run at wrong weights makes of it.
    hook, = cfg.custom_hooks
    found = compare(exported, model, hook.modules)
    assert not found.lost
    assert all(
        name.startswith(tuple(hook.may_stay_random)) for name in found.random)
    assert len(found.random) == 4


@pytest.mark.parametrize('depth', [18, 50])
@torch.no_grad()
def test_c4_computes_the_resnets_features(depth, tmp_path):
    det_runs.export(tmp_path / 'some.pth', depth, 64)
    model = MODELS.build(load(C4, tmp_path / 'some.pth', depth).model)
    model.init_weights()
    model.eval()
    plain = getattr(torchvision.models, f'resnet{depth}')()
    plain.fc = torch.nn.Identity()
    plain.load_state_dict(torch.load(tmp_path / 'some.pth', weights_only=True))
    plain.eval()
    image = picture()
    third, = model.backbone(image)
    fourth = model.roi_head.shared_head.layer4(third)
    torch.testing.assert_close(fourth.mean((2, 3)), plain(image))


@pytest.mark.parametrize('scope', ['mmdet', 'mmseg', 'mmpretrain'])
@pytest.mark.parametrize('origin', ['torchvision', 'timm'])
@torch.no_grad()
def test_foreign_resnet50_has_its_own_features_inside(origin, scope, tmp_path):
    torch.manual_seed(0)
    own = torchvision.models.resnet50() if origin == 'torchvision' else \
        timm.create_model('resnet50', pretrained=False)
    for value in own.state_dict().values():
        if value.is_floating_point():
            value += 0.01 * torch.rand_like(value)
    own.eval()
    torch.save(own.state_dict(), tmp_path / 'own.pth')
    write_plain(str(tmp_path / 'own.pth'), tmp_path / 'plain.pth')
    cfg = load(RETINANET, tmp_path / 'plain.pth', 50).model.backbone
    backbone = MMENGINE_MODELS.build(
        dict(cfg, type=f'{scope}.ResNet', out_indices=(0, 1, 2, 3)))
    backbone.init_weights()
    backbone.eval()
    image = picture()
    features = backbone(image)
    assert len(features) == 4
    for i, feature in enumerate(features, start=1):
        torch.testing.assert_close(feature, stage(own, f'layer{i}', image))


def picture() -> torch.Tensor:
    """Noise (1, 3, 70, 97), of unit variance."""
    return torch.randn(
        1, 3, 70, 97, generator=torch.Generator().manual_seed(1))


def stage(net, name: str, image: torch.Tensor) -> torch.Tensor:
    """Record what a stage puts out in the network's own forward pass."""
    found = []
    handle = getattr(net, name).register_forward_hook(
        lambda module, inputs, output: found.append(output))
    net(image)
    handle.remove()
    return found[0]
