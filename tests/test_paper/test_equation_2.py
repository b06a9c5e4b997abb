"""Eq. 2 against a naive reference in float64.

The reference reads the state dict, knows nothing of the modules, and is
written with `torch.nn.functional` convolutions and a BatchNorm by hand.
"""
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F

from xlearner_mm.models import BottomUpReconciliation, ExpandedResNet
from xlearner_mm.models.necks import FeatureSpec

TASKS = ('cls', 'det', 'seg')


class Reference:
    """F_i^t = E_i^t + sum_{k != t} sum_{j <= i} gamma(E_j^k), naively.

    Args:
        state: State dict of an ExpandedResNet of basic blocks.
        stages: Joined stages.
        gvb: Whether the last 3x3 convolution changes the channels.
        train: Whether task t's own BatchNorms and its gammas' use the
            batch's statistics.
        strides, dilations: Of the four stages.
    """

    def __init__(self, state, stages, gvb, train, strides, dilations):
        self.state, self.stages, self.gvb = state, stages, gvb
        self.train, self.strides, self.dilations = train, strides, dilations

    def norm(self, x, name, train):
        if train:
            mean = x.mean((0, 2, 3))
            var = ((x - mean[:, None, None])**2).mean((0, 2, 3))
        else:
            mean = self.state[f'{name}.running_mean']
            var = self.state[f'{name}.running_var']
        scale = self.state[f'{name}.weight'] / (var + 1e-5).sqrt()
        shift = self.state[f'{name}.bias'] - mean * scale
        return x * scale[:, None, None] + shift[:, None, None]

    def block(self, x, name, stride, dilation, train):
        weight = self.state[f'{name}.conv1.weight']
        y = F.conv2d(x, weight, None, stride, dilation, dilation)
        y = self.norm(y, f'{name}.bn1', train).clamp(min=0)
        y = F.conv2d(y, self.state[f'{name}.conv2.weight'], None, 1, 1)
        y = self.norm(y, f'{name}.bn2', train)
        if f'{name}.downsample.0.weight' in self.state:
            weight = self.state[f'{name}.downsample.0.weight']
            x = F.conv2d(x, weight, None, stride)
            x = self.norm(x, f'{name}.downsample.1', train)
        return (x + y).clamp(min=0)

    def stage(self, task, i, x, train):
        if i == 0:
            name = f'sub_backbones.{task}'
            x = F.conv2d(x, self.state[f'{name}.conv1.weight'], None, 2, 3)
            x = self.norm(x, f'{name}.bn1', train).clamp(min=0)
            x = F.max_pool2d(x, 3, 2, 1)
        for b in range(2):
            x = self.block(x, f'sub_backbones.{task}.layer{i + 1}.{b}',
                           self.strides[i] if b == 0 else 1, self.dilations[i],
                           train)
        return x

    def gamma(self, x, name, downs, size):
        kernels = [3] * downs + [1] * (not self.gvb or downs == 0)
        assert f'{name}.blocks.{len(kernels)}.conv.weight' not in self.state
        for b, kernel in enumerate(kernels):
            weight = self.state[f'{name}.blocks.{b}.conv.weight']
            assert weight.shape[-1] == kernel
            x = F.conv2d(x, weight, None, 1 + kernel // 3, kernel // 3)
            x = self.norm(x, f'{name}.blocks.{b}.bn', self.train)
            x = x if b == len(kernels) - 1 else x.clamp(min=0)
        rows = torch.arange(size[0]) * x.shape[2] // size[0]
        columns = torch.arange(size[1]) * x.shape[3] // size[1]
        return x[:, :, rows][:, :, :, columns]

    def features(self, image, task, feed_forward):
        unfused = {}
        for other in TASKS:
            x = image
            for i in range(4):
                unfused[other, i] = x = self.stage(other, i, x, False)
        outs, x = [], image
        for i in range(4):
            own = self.stage(task, i, x, self.train)
            fused = own
            for other in TASKS:
                for j in range(i + 1):
                    if other != task and {i, j} <= set(self.stages):
                        name = f'layers.{other}_{j}_to_{task}_{i}'
                        fused = fused + self.gamma(
                            unfused[other, j], f'reconciliation.{name}',
                            self.strides[j + 1:i + 1].count(2), own.shape[-2:])
            outs.append(fused)
            x = fused if feed_forward else own
        return outs


def network(strides, dilations, **reconciliation) -> ExpandedResNet:
    """Build three tasks of different widths with random BatchNorms."""
    torch.manual_seed(5)
    net = ExpandedResNet(
        TASKS, {
            task:
            dict(
                type='mmpretrain.ResNet',
                depth=18,
                base_channels=width,
                stem_channels=width,
                strides=strides,
                dilations=dilations,
                out_indices=(0, 1, 2, 3))
            for task, width in zip(TASKS, (4, 6, 5))
        }, dict(type='BottomUpReconciliation', **reconciliation)).double()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1)
            module.bias.data.normal_()
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net  # yapf: disable


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('down_sampling', ['literal', 'gvb'])
@pytest.mark.parametrize('stages, feed_forward, strides, dilations, size', [
    ((0, 1, 2), True, (1, 2, 2, 2), (1, 1, 1, 1), (33, 47)),
    ((0, 1, 2), True, (1, 2, 1, 1), (1, 1, 2, 4), (41, 37)),
    ((0, 2, 3), True, (1, 2, 2, 1), (1, 1, 1, 2), (65, 33)),
    ((0, 1, 2, 3), False, (1, 2, 2, 2), (1, 1, 1, 1), (47, 65)),
])
def test_fused_features_equal_the_naive_sums(train, down_sampling, stages,
                                             feed_forward, strides, dilations,
                                             size):
    net = network(
        strides,
        dilations,
        down_sampling=down_sampling,
        fuse_stages=stages,
        feed_forward=feed_forward)
    net.train(train)
    image = torch.randn(2, 3, *size, dtype=torch.float64)
    for task in TASKS:
        reference = Reference(
            deepcopy(net.state_dict()), stages, down_sampling == 'gvb', train,
            strides, dilations).features(image, task, feed_forward)
        for ours, theirs in zip(net(image, task), reference, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('down_sampling, millions', [('literal', 6.4),
                                                     ('gvb', 10.2)])
def test_gammas_of_a_pair_of_resnet50_cost(down_sampling, millions):
    resnet50 = [FeatureSpec(256 * 2**i, 4 * 2**i) for i in range(4)]
    gammas = BottomUpReconciliation(
        dict(cls=resnet50, det=resnet50), down_sampling=down_sampling)
    count = sum(p.numel() for p in gammas.parameters()) / 2
    assert round(count / 1e6, 1) == millions


def test_edges_run_from_each_stage_to_the_same_or_a_deeper_one():
    edges = BottomUpReconciliation.topology(['a', 'b', 'c'], (0, 1, 2))
    assert len(set(edges)) == len(edges) == 6 * 6  # directed pairs x (i, j)
    assert all(e.src_stage <= e.dst_stage and e.src_task != e.dst_task
               for e in edges)
