"""What the gammas add, against a naive computation in float64."""
import pytest
import torch

from xlearner_mm.analysis import gamma_norms, mean_gamma_norms
from xlearner_mm.models.necks import Edge
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny


@pytest.fixture
def net():
    """An ExpandedResNet of two tasks whose gammas do something."""
    torch.manual_seed(0)
    net = MODELS.build(dict(tiny.expanded_resnet(), tasks=['cls', 'det']))
    for gamma in net.reconciliation.layers.values():
        torch.nn.init.uniform_(gamma.blocks[-1].norm.weight, 0.5, 1.5)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return net


def run_stem(net, x: torch.Tensor) -> torch.Tensor:
    return net.maxpool(net.relu(net.norm1(net.conv1(x))))


def run_stage(net, i: int, x: torch.Tensor) -> torch.Tensor:
    return getattr(net, f'layer{i + 1}')(x)


@torch.no_grad()
def naive(net, x: torch.Tensor) -> dict[Edge, list[float]]:
    """Loop over Eq. 2 for task 'det' of two tasks, image by image."""
    net = net.double().eval()
    found = {}
    for image in x.double():
        foreign, own = (net.sub_backbones[t] for t in ('cls', 'det'))
        source, sources = run_stem(foreign, image[None]), []
        for j in range(3):
            source = run_stage(foreign, j, source)
            sources.append(source)
        feature = run_stem(own, image[None])
        for i in range(3):
            feature = run_stage(own, i, feature)
            fused = feature
            for j in range(i + 1):
                edge = Edge('cls', j, 'det', i)
                added = net.reconciliation.layers[edge.key](sources[j],
                                                            feature.shape[-2:])
                squares = [(v**2).sum().item() for v in (added, feature)]
                found.setdefault(edge, []).append(
                    (squares[0] / squares[1])**0.5)
                fused = fused + added
            feature = fused
    return found


def test_norms_equal_a_naive_loop_in_float64(net):
    x = torch.rand(3, 3, 37, 51)
    found = gamma_norms(net, 'det', x)
    expected = naive(net, x)
    assert list(found) == list(expected)
    for edge, values in found.items():
        assert values.tolist() == pytest.approx(expected[edge], rel=1e-4)


def test_measuring_leaves_buffers_modes_and_hooks_as_they_were(net):
    net.train()
    net.sub_backbones['cls'].eval()
    modes = [m.training for m in net.modules()]
    before = {k: v.clone() for k, v in net.state_dict().items()}
    gamma_norms(net, 'cls', torch.rand(2, 3, 33, 31))
    assert [m.training for m in net.modules()] == modes
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks
                   for m in net.modules())


def test_gammas_that_have_not_trained_add_nothing(batch, sources):
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=sources))
    norms = mean_gamma_norms(model, batch)
    assert list(norms) == model.backbone.reconciliation.edges
    assert not any(norms.values())


def test_the_mean_is_over_the_images_of_all_sources_of_a_task(
        sources, batch, tmp_path):
    more = tiny.cls_source(tmp_path, 'plants')
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=[sources[0], more, sources[2]]))
    torch.nn.init.ones_(model.backbone.reconciliation.layers['seg_0_to_cls_1'].
                        blocks[-1].norm.weight)
    batch = dict(
        animals=batch['animals'],
        plants=dict(batch['animals'], inputs=batch['animals']['inputs'][:1]),
        stuff=batch['stuff'])
    batch['plants']['data_samples'] = batch['animals']['data_samples'][:1]
    x = model.data_preprocessor(batch, False)['inputs']
    edge = Edge('seg', 0, 'cls', 1)
    parts = [
        gamma_norms(model.backbone, 'cls', x[name])[edge]
        for name in ('animals', 'plants')
    ]
    assert [len(p) for p in parts] == [3, 1]
    found = mean_gamma_norms(model, batch)[edge].item()
    assert found == pytest.approx(torch.cat(parts).mean().item())
    assert found > 0
