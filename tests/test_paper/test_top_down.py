"""X-Learner_t (paper Sec. 3.4) against a naive reference in float64."""
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from naive_expanded import SHAPES, TASKS, NaiveExpanded, network

from xlearner_mm.models import TopDownReconciliation
from xlearner_mm.models.necks import FeatureSpec


class Reference(NaiveExpanded):
    """Sum over j >= i; gamma_c (up-sampling first, 1x1) and gamma_b."""

    @staticmethod
    def joined(j, i):
        return j >= i

    def gamma(self, x, name, j, i, size):
        ups = self.strides[i + 1:j + 1].count(2)
        assert f'{name}.blocks.{ups + 1}.conv.weight' not in self.state
        for b in range(ups + 1):
            last = b == ups
            if not last:
                x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
            weight = self.state[f'{name}.blocks.{b}.conv.weight']
            assert weight.shape[2:] == (1, 1)
            assert last or len(weight) == weight.shape[1]
            x = F.conv2d(x, weight)
            x = self.norm(x, f'{name}.blocks.{b}.bn', self.train)
            x = x if last else x.clamp(min=0)
        return self.resize(x, size)


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('stages, feed_forward, strides, dilations, size',
                         SHAPES)
def test_fused_features_equal_the_naive_sums(train, stages, feed_forward,
                                             strides, dilations, size):
    net = network(
        strides, dilations,
        dict(
            type='TopDownReconciliation',
            fuse_stages=stages,
            feed_forward=feed_forward))
    net.train(train)
    image = torch.randn(2, 3, *size, dtype=torch.float64)
    for task in TASKS:
        reference = Reference(
            deepcopy(net.state_dict()), stages, train, strides, dilations)
        expected = reference.features(image, task, feed_forward)
        for ours, theirs in zip(net(image, task), expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def test_gammas_of_a_pair_of_resnet50_cost_5_7_million():
    resnet50 = [FeatureSpec(256 * 2**i, 4 * 2**i) for i in range(4)]
    gammas = TopDownReconciliation(dict(cls=resnet50, det=resnet50))
    assert round(sum(p.numel() for p in gammas.parameters()) / 2e6, 1) == 5.7


def test_edges_run_from_each_stage_to_the_same_or_a_shallower_one():
    edges = TopDownReconciliation.topology(['a', 'b', 'c'], (0, 1, 3))
    assert {e.key
            for e in edges} == {
                f'{k}_{j}_to_{t}_{i}'
                for k in 'abc'
                for t in 'abc' if k != t
                for j, i in ((0, 0), (1, 0), (1, 1), (3, 0), (3, 1), (3, 3))
            }
    assert len(edges) == 6 * 6  # directed pairs x (j, i)
