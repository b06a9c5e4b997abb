"""Global magnitude pruning against a sort of all weights in NumPy."""
import numpy as np
import pytest
import torch
from torch import nn

from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import (add_masks, attach_masks, convolutions,
                                        kept_weights, num_weights,
                                        prune_globally, resolve_budget,
                                        without_masks)


def network(seed: int = 5) -> nn.Module:
    """Two convolutions whose weights are of different size, BN between."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(3, 5, 3, bias=True), nn.BatchNorm2d(5),
        nn.Conv2d(5, 2, 1, bias=True))
    net[2].weight.data.mul_(3)
    return net


def flat(net: nn.Module) -> np.ndarray:
    """All convolution weights in one vector of float64."""
    return np.concatenate([
        conv.weight.detach().numpy().astype(np.float64).ravel()
        for conv in convolutions(net).values()
    ])


def pruned(net: nn.Module, budget: int) -> np.ndarray:
    """Prune; return the masks in one vector."""
    attach_masks(net)
    prune_globally(net, budget)
    return np.concatenate([
        conv.weight_mask.numpy().ravel()
        for conv in convolutions(net).values()
    ])


@pytest.mark.parametrize('budget', [1, 2, 40, 77, 144, 145])
def test_one_threshold_keeps_the_largest_of_all_layers(budget):
    net = network()
    weights = flat(net)
    assert num_weights(net) == len(weights) == 145
    mask = pruned(net, budget)
    largest = np.argsort(-np.abs(weights))[:budget]
    np.testing.assert_array_equal(
        np.flatnonzero(mask), np.sort(largest), strict=True)
    np.testing.assert_array_equal(flat(net), weights * mask)
    assert kept_weights(net) == budget


@pytest.mark.parametrize('budget', [20, 72, 100])
def test_of_equal_weights_as_many_stay_as_fit(budget):
    net = network()
    for conv in convolutions(net).values():
        conv.weight.data = conv.weight.data.sign() * (
            1 + (conv.weight.data > 0.1))  # magnitudes 1 and 2 only
    weights = np.abs(flat(net))
    mask = pruned(net, budget)
    assert mask.sum() == budget
    assert weights[mask == 1].min() >= weights[mask == 0].max()


def test_biases_and_batch_norm_stay_as_they_were():
    net, plain = network(), network()
    pruned(net, 9)
    for name, value in plain.state_dict().items():
        if not name.endswith('.weight') or name == '1.weight':
            assert torch.equal(net.state_dict()[name], value)


def test_masks_of_ones_and_their_removal_change_nothing():
    net, x = network(), torch.rand(2, 3, 7, 5)
    plain = {k: v.clone() for k, v in net.state_dict().items()}
    before = net.eval()(x)
    attach_masks(net)
    assert torch.equal(net(x), before)
    state = dict(plain)
    add_masks(state, convolutions(net))
    net.load_state_dict(state)
    again = dict(net.state_dict())
    add_masks(again, convolutions(net))  # entries with masks stay
    assert list(again) == list(net.state_dict())
    bare = without_masks(net.state_dict())
    assert bare.keys() == plain.keys()
    assert all(torch.equal(bare[k], v) for k, v in plain.items())


def test_without_masks_multiplies_weights_by_masks():
    net = network()
    mask = torch.from_numpy(pruned(net, 50)[:135].reshape(5, 3, 3, 3))
    net[0].weight_orig.data.add_(1)  # what is under the mask does not count
    bare = without_masks(net.state_dict())
    assert torch.equal(bare['0.weight'], net[0].weight_orig * mask)


@pytest.mark.parametrize('budget, number', [(None, 70), (1, 1), (145, 145),
                                            (0.5, 72), (1.0, 145), (0.01, 1)])
def test_budgets_are_numbers_or_fractions(budget, number):
    assert resolve_budget(budget, 145, 70) == number


@pytest.mark.parametrize('budget', [0, -3, 146, 0.0, -0.5, 1.2, 0.001])
def test_a_budget_of_nothing_or_of_more_than_there_is_is_refused(budget):
    with pytest.raises(UserError, match=f'budget={budget}.*from 1 to 145'):
        resolve_budget(budget, 145, 70)
