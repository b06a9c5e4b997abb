"""PrunedExpandedResNet against ExpandedResNet with weights set to zero."""
from copy import deepcopy

import numpy as np
import pytest
import torch
import torchvision

from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import convolutions, kept_weights, num_weights
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences

TASKS = ('cls', 'det', 'seg')
IMAGES = torch.rand(
    2, 3, 33, 47, generator=torch.Generator().manual_seed(1))  # odd on purpose
OPTIMIZERS = {
    'sgd': lambda p: torch.optim.SGD(
        p, lr=0.05, momentum=0.9, weight_decay=0.1),
    'adamw': lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)
}  # yapf: disable


def build(kind: str = 'PrunedExpandedResNet', **kwargs):
    torch.manual_seed(0)
    return MODELS.build(
        tiny.expanded_resnet(**dict(dict(type=kind, tasks=TASKS), **kwargs)))


@pytest.fixture(scope='module')
def trained():
    """An expanded backbone whose gammas and statistics are not trivial."""
    net = build('ExpandedResNet')
    generator = torch.Generator().manual_seed(3)
    for value in net.state_dict().values():
        if value.ndim == 1 and value.is_floating_point():  # of BatchNorms
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    return net


def pruned(trained, **kwargs):
    net = build(**kwargs)
    net.load_state_dict(trained.state_dict())
    return net


def by_hand(trained, budget: int):
    """Set the smallest weights of a copy to zero, found by sorting."""
    net = deepcopy(trained)
    convs = convolutions(net).values()
    sizes = np.concatenate(
        [c.weight.detach().abs().double().numpy().ravel() for c in convs])
    threshold = np.sort(sizes)[-budget]
    for conv in convs:
        conv.weight.data[conv.weight.data.abs().double() < threshold] = 0
    return net


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('fuse', [False, True])
def test_equals_the_network_with_small_weights_set_to_zero(
        trained, train, fuse):
    net = pruned(trained, budget=0.3).train(train)
    assert net.budget == round(0.3 * num_weights(trained))
    plain = by_hand(trained, net.budget).train(train)
    for task in TASKS:
        ours, theirs = (n(IMAGES, task, fuse) for n in (net, plain))
        assert not list(differences(ours, theirs))
        ours, theirs = (n.unfused(task, IMAGES) for n in (net, plain))
        assert not list(differences(ours, theirs))


def test_as_many_weights_as_one_sub_backbone_are_kept_by_default(trained):
    net = pruned(trained)
    plain = MODELS.build(tiny.sub_backbone())
    assert kept_weights(net) == num_weights(plain)
    gammas = kept_weights(net.reconciliation)
    assert 0 < gammas < num_weights(net.reconciliation)
    assert gammas + kept_weights(net.sub_backbones) == kept_weights(net)


def test_the_papers_networks_keep_39_3_percent_and_without_gammas_half():
    r50 = dict(type='mmpretrain.ResNet', depth=50, out_indices=(0, 1, 2, 3))
    joined = tiny.expanded_resnet(
        type='PrunedExpandedResNet', tasks=TASKS[:2], sub_backbone=r50)
    net = MODELS.build(joined)
    plain = torchvision.models.resnet50()
    assert net.budget == num_weights(plain) == 23_454_912
    assert net.budget / num_weights(net) == pytest.approx(0.393, abs=5e-4)
    assert net.budget * 2 == num_weights(net.sub_backbones)


@pytest.mark.parametrize('name', OPTIMIZERS)
def test_pruned_weights_stay_zero_and_the_kept_ones_learn(trained, name):
    net = pruned(trained, budget=0.3).train()
    before = deepcopy(net)
    optimizer = OPTIMIZERS[name](net.parameters())
    for step in range(4):
        loss = sum(f.square().mean() for t in TASKS for f in net(IMAGES, t))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert kept_weights(net) == net.budget
    for key, conv in convolutions(net).items():
        start, mask = convolutions(before)[key], conv.weight_mask == 1
        assert torch.equal(conv.weight_mask, start.weight_mask)
        assert not conv.weight_orig[~mask].any()
        assert not conv.weight_orig.grad[~mask].any()
        changed = conv.weight_orig != start.weight_orig
        assert changed[mask].float().mean() > 0.9 or not mask.any()


def test_gradients_of_a_task_reach_its_kept_weights_alone(trained):
    net = pruned(trained, budget=0.5).train()
    sum(f.square().mean() for f in net(IMAGES, 'det')).backward()
    for key, param in net.named_parameters():
        own = key.startswith('sub_backbones.det.') or '_to_det_' in key
        assert (param.grad is not None) == own, key
        if own and key.endswith('_orig'):
            mask = net.state_dict()[key.replace('_orig', '_mask')]
            assert not param.grad[mask == 0].any()
            assert param.grad.any() or not mask.any(), key


def test_a_file_with_masks_brings_its_own(trained):
    first = pruned(trained, budget=0.2)
    with torch.no_grad():
        for conv in convolutions(first).values():
            conv.weight_orig.mul_(torch.rand(conv.weight_orig.shape))
    again = build(budget=0.5)
    again.load_state_dict(first.state_dict())
    assert not list(differences(again.state_dict(), first.state_dict()))
    assert not list(
        differences(again.eval()(IMAGES, 'seg'),
                    first.eval()(IMAGES, 'seg')))


def test_a_second_load_prunes_anew(trained):
    net = pruned(trained, budget=0.3)
    other = deepcopy(trained)
    for conv in convolutions(other).values():
        conv.weight.data.mul_(torch.rand(conv.weight.shape))
    net.load_state_dict(other.state_dict())
    fresh = pruned(other, budget=0.3)
    assert not list(differences(net.state_dict(), fresh.state_dict()))


def test_copies_between_passes_are_equal_and_apart(trained):
    net = pruned(trained).train()
    net(IMAGES, 'cls')
    copied = deepcopy(net)
    assert not list(differences(net.state_dict(), copied.state_dict()))
    loss = sum(f.square().mean() for f in copied(IMAGES, 'cls'))
    loss.backward()
    assert all(p.grad is None for p in net.parameters())
    assert any(p.grad is not None for p in copied.parameters())


def gradients(net, cache: bool) -> dict:
    net = deepcopy(net).train()
    with torch.autocast('cpu', torch.bfloat16, cache_enabled=cache):
        loss = sum(f.float().square().mean() for task in TASKS
                   for f in net(IMAGES, task))
    loss.backward()
    return {n: p.grad for n, p in net.named_parameters()}


def test_autocast_cache_of_foreign_passes_takes_no_gradient(trained):
    net = pruned(trained)
    found = gradients(net, True)
    assert not list(differences(found, gradients(net, False)))
    assert all(grad is not None for grad in found.values())


@pytest.mark.parametrize('budget', [0, -1, 2.0, 10**9])
def test_budgets_that_the_network_cannot_hold_are_refused(budget):
    with pytest.raises(UserError, match=f'budget={budget}.*convolution'):
        build(budget=budget)


def test_training_without_a_trained_backbone_is_refused():
    with pytest.raises(UserError, match='none was loaded.*model.expansion'):
        build().train()(IMAGES, 'cls')


def test_what_is_no_expanded_backbone_is_refused():
    state = MODELS.build(tiny.sub_backbone()).state_dict()
    with pytest.raises(UserError, match='holds another expanded backbone'):
        build().load_state_dict(state, strict=False)


def test_a_network_without_masks_names_the_type_to_use(trained):
    with pytest.raises(UserError, match='weight_mask.*give the type'):
        build('ExpandedResNet').load_state_dict(pruned(trained).state_dict())
