"""Linear CKA against its definition, and its invariances."""
import math
from itertools import permutations

import pytest
import torch

from xlearner_mm.analysis import cka_by_stage, linear_cka, unbiased_hsic
from xlearner_mm.errors import UserError


def features(*shape: int, seed: int = 0) -> torch.Tensor:
    """Draw features."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_hsic_equals_the_mean_over_all_quadruples_of_images():
    x, y = features(6, 3).double(), features(6, 4, seed=1).double()
    k, l = (x @ x.T).tolist(), (y @ y.T).tolist()  # noqa: E741
    terms = [
        k[i][j] * (l[i][j] + l[q][r] - 2 * l[i][q])
        for i, j, q, r in permutations(range(6), 4)
    ]
    found = unbiased_hsic(x @ x.T, y @ y.T).item()
    assert found == pytest.approx(sum(terms) / len(terms))


def test_cka_of_features_with_themselves_is_one():
    x = features(9, 5)
    assert linear_cka(x, x) == pytest.approx(1)


def test_cka_knows_no_rotation_scale_or_shift():
    x, y = features(20, 5), features(20, 7, seed=1)
    y[:, :5] += x
    rotation = torch.linalg.qr(features(7, 7, seed=2))[0]
    assert linear_cka(x, y) == pytest.approx(
        linear_cka(x, -3 * y @ rotation + 10), abs=1e-5)


def test_cka_knows_scales_of_single_directions():
    x = features(20, 5)
    stretched = x * torch.tensor([1, 10, 1, 1, 1])
    assert linear_cka(x, stretched) < 0.9


def test_unrelated_features_have_none_however_many_channels():
    found = [
        linear_cka(
            features(30, 300, seed=2 * i), features(30, 300, seed=2 * i + 1))
        for i in range(20)
    ]
    assert abs(sum(found) / len(found)) < 0.02


@pytest.mark.parametrize('x', [torch.ones(5, 2), torch.eye(5)])
def test_features_that_tell_no_images_apart_have_no_cka(x):
    assert math.isnan(linear_cka(x, features(5, 3)))


def test_three_images_are_too_few():
    with pytest.raises(ValueError, match='at least four'):
        linear_cka(features(3, 2), features(3, 2))


def test_networks_are_compared_where_all_have_a_stage():
    x, y = features(8, 3), features(8, 4, seed=1)
    found = cka_by_stage(
        dict(one=dict(layer3=y, layer4=x), two=dict(layer4=y)))
    assert list(found) == ['layer4']
    expected = torch.tensor([[1, linear_cka(x, y)], [linear_cka(y, x), 1]])
    torch.testing.assert_close(found['layer4'], expected)


def test_networks_without_a_common_stage_are_refused():
    with pytest.raises(UserError, match='no stage in common'):
        cka_by_stage(dict(one=dict(layer3=features(8, 3)), two={}))
