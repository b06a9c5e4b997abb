"""Eq. 2 against a naive reference in float64."""
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from naive_expanded import SHAPES, TASKS, NaiveExpanded, network

from xlearner_mm.models import BottomUpReconciliation
from xlearner_mm.models.necks import FeatureSpec


class Reference(NaiveExpanded):
    """Sum over j <= i; gamma_a (3x3, stride 2, ReLU) and gamma_b.

    Args:
        gvb: Whether the last 3x3 convolution changes the channels.
        *args: Of NaiveExpanded.
    """

    def __init__(self, gvb, *args):
        super().__init__(*args)
        self.gvb = gvb

    @staticmethod
    def joined(j, i):
        return j <= i

    def gamma(self, x, name, j, i, size):
        downs = self.strides[j + 1:i + 1].count(2)
        kernels = [3] * downs + [1] * (not self.gvb or downs == 0)
        assert f'{name}.blocks.{len(kernels)}.conv.weight' not in self.state
        for b, kernel in enumerate(kernels):
            weight = self.state[f'{name}.blocks.{b}.conv.weight']
            assert weight.shape[-1] == kernel
            x = F.conv2d(x, weight, None, 1 + kernel // 3, kernel // 3)
            x = self.norm(x, f'{name}.blocks.{b}.bn', self.train)
            x = x if b == len(kernels) - 1 else x.clamp(min=0)
        return self.resize(x, size)


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('down_sampling', ['literal', 'gvb'])
@pytest.mark.parametrize('stages, feed_forward, strides, dilations, size',
                         SHAPES)
def test_fused_features_equal_the_naive_sums(train, down_sampling, stages,
                                             feed_forward, strides, dilations,
                                             size):
    net = network(
        strides, dilations,
        dict(
            type='BottomUpReconciliation',
            down_sampling=down_sampling,
            fuse_stages=stages,
            feed_forward=feed_forward))
    net.train(train)
    image = torch.randn(2, 3, *size, dtype=torch.float64)
    for task in TASKS:
        reference = Reference(down_sampling == 'gvb',
                              deepcopy(net.state_dict()), stages, train,
                              strides,
                              dilations).features(image, task, feed_forward)
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
