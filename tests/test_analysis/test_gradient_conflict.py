"""Gradients of sources: what they are, and that looking leaves no trace."""
import random
from copy import deepcopy
from itertools import product

import numpy as np
import pytest
import torch

from xlearner_mm.analysis import (cosine_matrix, gradient_conflict,
                                  source_gradients)
from xlearner_mm.analysis.training_batch import own_randomness, prepared
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences


def hard_sharing(sources):
    """Build hard-sharing; classification goes merged."""
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='HardSharingModel',
            backbone=tiny.sub_backbone(),
            sources=sources,
            merge=['cls']))


def expansion(sources):
    """Build an expansion whose gammas do something."""
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=sources))
    for gamma in model.backbone.reconciliation.layers.values():
        torch.nn.init.ones_(gamma.blocks[-1].norm.weight)
    return model


def test_cosines_equal_naive_sums_in_float64():
    vectors = torch.randn(3, 1001, generator=torch.Generator().manual_seed(0))
    found = cosine_matrix(vectors)
    rows = vectors.double().tolist()
    for i, j in product(range(3), repeat=2):
        dot, one, two = (sum(x * y for x, y in zip(rows[a], rows[b]))
                         for a, b in ((i, j), (i, i), (j, j)))
        assert found[i, j].item() == pytest.approx(dot / (one * two)**0.5)


def test_the_mean_of_the_gradients_is_that_of_equation_1(sources, batch):
    model = hard_sharing(sources)
    found = source_gradients(model, batch)
    inputs = prepared(model, batch)
    with own_randomness():
        model(**inputs, mode='loss')['loss'].backward()
    expected = torch.cat(
        [p.grad.flatten() for p in model.backbone.parameters()])
    mean = sum(found.values()) / len(found)
    assert (mean - expected).norm() < 1e-4 * expected.norm()


def test_tasks_of_an_expansion_share_no_parameter_and_cannot_conflict(
        sources, batch):
    found = source_gradients(expansion(sources), dict(batch, phase='joint'))
    reached = torch.stack([g != 0 for g in found.values()])
    assert reached.any(1).all()
    assert reached.sum(0).max() == 1
    assert torch.equal(
        cosine_matrix(list(found.values())).round(decimals=5), torch.eye(3))


def test_a_source_without_gradient_has_no_cosine():
    found = cosine_matrix(torch.tensor([[3., 4.], [0., 0.]]))
    assert found[0, 0] == 1
    assert found[0, 1].isnan() and found[1, 1].isnan()


@pytest.mark.parametrize('build', [hard_sharing, expansion])
def test_measuring_touches_nothing(sources, batch, build):
    model = build(sources)
    model.backbone.eval()
    modes = [m.training for m in model.modules()]
    before = deepcopy(dict(model.state_dict()))
    images = deepcopy({k: v['inputs'] for k, v in batch.items()})
    mask = batch['stuff']['data_samples'][0].gt_sem_seg.data.clone()
    states = random.getstate(), np.random.get_state()[1], torch.get_rng_state()
    source_gradients(model, dict(batch, phase='joint'))
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert torch.equal(torch.get_rng_state(), states[2])
    assert [m.training for m in model.modules()] == modes
    assert all(p.grad is None for p in model.parameters())
    assert not list(differences(dict(model.state_dict()), before))
    assert not list(
        differences({
            k: v['inputs']
            for k, v in batch.items()
        }, images))
    assert torch.equal(batch['stuff']['data_samples'][0].gt_sem_seg.data, mask)


def test_a_source_agrees_with_itself_on_the_same_batch(sources, batch):
    result = gradient_conflict(hard_sharing(sources), [batch, batch])
    assert result.sources == ['animals', 'things', 'stuff']
    assert result.cosines.shape == (2, 3, 3)
    torch.testing.assert_close(result.repeats, torch.ones(1, 3))
