"""Any trainer's checkpoint becomes the same plain backbone."""
import pytest
import timm
import torch
import torchvision
from mmengine.registry import MODELS
from safetensors.torch import save_file

from xlearner_mm.apis import (NoResNet, load_pretrained, read_backbone,
                              shape_of, write_plain)
from xlearner_mm.errors import UserError

DEPTHS = (18, 34, 50, 101, 152)


def resnet(depth: int = 18, width: int = 8, scope: str = 'mmpretrain'):
    return MODELS.build(
        dict(
            type=f'{scope}.ResNet',
            depth=depth,
            base_channels=width,
            stem_channels=width))


@pytest.fixture(scope='module')
def net():
    """A ResNet-18 of width 8 whose statistics are not the first ones."""
    torch.manual_seed(1)
    net = resnet()
    for value in net.state_dict().values():
        if value.is_floating_point():
            value.uniform_(0.01, 0.1)
    return net


def prefixed(state: dict, prefix: str) -> dict:
    return {prefix + key: value for key, value in state.items()}


@pytest.mark.parametrize(
    'wrap', [
        lambda s: s,
        lambda s: dict(state_dict=s),
        lambda s: dict(state_dict=prefixed(s, 'backbone.'), meta={}),
        lambda s: dict(model=prefixed(s, 'module.')),
        lambda s: dict(s, **{'fc.weight': torch.zeros(3, 64)}),
        lambda s: dict(state_dict=prefixed(s, 'module.encoder_q.')),
    ],
    ids=['bare', 'nested', 'mmpretrain', 'ddp', 'fc', 'moco'])
def test_every_form_gives_the_same_weights(net, wrap, tmp_path):
    file = tmp_path / 'form.pth'
    torch.save(wrap(net.state_dict()), file)
    found = read_backbone(str(file))
    assert found.keys() == net.state_dict().keys()
    for key, value in net.state_dict().items():
        assert torch.equal(found[key], value)
    other = resnet()
    load_pretrained(other, str(file))
    image = torch.rand(1, 3, 33, 47)
    net.eval(), other.eval()
    assert torch.equal(net(image)[-1], other(image)[-1])


@pytest.mark.parametrize('package', ['torchvision', 'timm'])
def test_resnet_50_of_other_packages_gives_their_features(package, tmp_path):
    torch.manual_seed(2)
    if package == 'timm':
        theirs = timm.create_model('resnet50', num_classes=7)
        file = tmp_path / 'timm.safetensors'
        save_file(theirs.state_dict(), file)
    else:
        theirs = torchvision.models.resnet50(num_classes=7)
        file = tmp_path / 'torchvision.pth'
        torch.save(theirs.state_dict(), file)
    write_plain(str(file), tmp_path / 'plain.pth')
    plain = torch.load(tmp_path / 'plain.pth', weights_only=True)
    assert len(plain) == 318 and shape_of(plain) == (50, 64)
    image = torch.rand(1, 3, 65, 65)
    theirs.eval()
    if package == 'timm':
        expected = theirs.forward_features(image)
    else:
        expected = torch.nn.Sequential(*list(theirs.children())[:-2])(image)
    for scope in ('mmdet', 'mmseg', 'mmpretrain'):
        ours = resnet(50, 64, scope)
        ours.load_state_dict(plain)
        ours.eval()
        assert torch.equal(ours(image)[-1], expected)


@pytest.mark.parametrize('depth', DEPTHS)
@pytest.mark.parametrize('width', [4, 45])
def test_shape_is_read_off_the_weights(depth, width):
    assert shape_of(resnet(depth, width).state_dict()) == (depth, width)


@pytest.mark.parametrize(
    'build, message', [
        (lambda: torch.nn.Linear(2, 2),
         'no plain ResNet; its entries begin with'),
        (lambda: MODELS.build(dict(type='mmseg.ResNetV1c', depth=18)),
         'its stem is of three convolutions'),
        (lambda: torchvision.models.wide_resnet50_2(),
         'a stem of 64 channels'),
        (lambda: torchvision.models.resnet.ResNet(
            torchvision.models.resnet.BasicBlock, [1, 1, 1, 1]),
         r'no ResNet has \(1, 1, 1, 1\) blocks'),
    ],
    ids=['linear', 'v1c', 'wide', 'ten'])
def test_other_networks_are_named(build, message, tmp_path):
    file = tmp_path / 'other.pth'
    torch.save(build().state_dict(), file)
    with pytest.raises(NoResNet, match=message):
        shape_of(read_backbone(str(file)))


def test_weights_that_do_not_fit_are_counted(net, tmp_path):
    file = tmp_path / 'net.pth'
    torch.save(net.state_dict(), file)
    with pytest.raises(
            UserError,
            match='weights and those in the file, .* of another shape'):
        load_pretrained(resnet(width=16), str(file))
    torch.save(resnet(34).state_dict(), tmp_path / 'deeper.pth')
    with pytest.raises(UserError, match='too many, e.g. .*layer1.2'):
        load_pretrained(resnet(), str(tmp_path / 'deeper.pth'))
    with pytest.raises(UserError, match='no checkpoint at'):
        read_backbone(str(tmp_path / 'missing.pth'))
