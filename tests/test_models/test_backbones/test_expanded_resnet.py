"""ExpandedResNet against the upstream ResNets it is made of."""
from copy import deepcopy

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.models import ExpandedResNet
from xlearner_mm.models.backbones.trial import frozen_pass
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences

TASKS = ('cls', 'det', 'seg')
BOTTOM_UP = dict(type='BottomUpReconciliation')
WIDTH = dict(base_channels=8, stem_channels=8, out_indices=(0, 1, 2, 3))
UPSTREAM = {
    'mmdet': dict(type='mmdet.ResNet', depth=18, **WIDTH),
    'mmdet batch norm': dict(
        type='mmdet.ResNet', depth=18, norm_eval=False, **WIDTH),
    'mmdet bottleneck': dict(type='mmdet.ResNet', depth=50, **WIDTH),
    'mmseg dilated': dict(
        type='mmseg.ResNet', depth=18, strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4), contract_dilation=True, **WIDTH),
    'mmseg deep stem': dict(type='mmseg.ResNetV1c', depth=18, **WIDTH),
    'mmpretrain': dict(type='mmpretrain.ResNet', depth=18, **WIDTH),
}  # yapf: disable


def images(batch_size: int = 3, size=(33, 47)) -> torch.Tensor:
    """Return noise of an odd size."""
    generator = torch.Generator().manual_seed(7)
    return torch.randn(batch_size, 3, *size, generator=generator)


@pytest.mark.parametrize('fuse', [False, True])
@pytest.mark.parametrize('name', UPSTREAM)
def test_equals_upstream_bit_for_bit_without_gammas(name, fuse):
    net = ExpandedResNet(TASKS, UPSTREAM[name])
    plain = deepcopy(net.sub_backbones)
    for train in (True, False):
        for task in TASKS:
            net.train(train), plain.train(train)
            ours = net(images(), task, fuse)
            assert not list(differences(ours, plain[task](images())))
    assert not list(
        differences(net.sub_backbones.state_dict(), plain.state_dict()))


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('name', UPSTREAM)
def test_fresh_gammas_change_no_output(name, train):
    net = ExpandedResNet(TASKS, UPSTREAM[name], BOTTOM_UP).train(train)
    for task in TASKS:
        plain = deepcopy(net)(images(), task, fuse=False)
        assert not list(differences(net(images(), task), plain))


@pytest.mark.parametrize('name', UPSTREAM)
def test_one_task_is_the_plain_model(name):
    net = ExpandedResNet(['cls'], UPSTREAM[name], BOTTOM_UP)
    plain = MODELS.build(UPSTREAM[name])
    plain.load_state_dict(net.sub_backbones['cls'].state_dict())
    assert net.reconciliation is None
    assert not list(differences(net(images(), 'cls'), plain(images())))


def trained(net: ExpandedResNet) -> ExpandedResNet:
    """Give gammas and BatchNorms values as training would."""
    generator = torch.Generator().manual_seed(3)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.copy_(torch.rand(tensor.shape, generator=generator))
            for tensor in (module.bias.data, module.running_mean):
                tensor.copy_(torch.randn(tensor.shape, generator=generator))
    return net


@pytest.mark.parametrize('name', UPSTREAM)
@pytest.mark.parametrize('stages', [(0, 1, 2), (1, 3), (2, ), (0, 1, 2, 3)])
def test_forward_all_equals_the_tasks_forwards(name, stages):
    net = trained(
        ExpandedResNet(TASKS, UPSTREAM[name],
                       dict(BOTTOM_UP, fuse_stages=stages))).eval()
    together = net.forward_all(images())
    assert list(together) == list(TASKS)
    for task in TASKS:
        assert not list(differences(together[task], net(images(), task)))


def test_forward_all_refuses_training_mode():
    net = ExpandedResNet(TASKS, tiny.sub_backbone(), BOTTOM_UP)
    with pytest.raises(RuntimeError, match='eval'):
        net.forward_all(images())


@pytest.mark.parametrize('task', TASKS)
def test_foreign_buffers_and_modes_stay_as_they_were(task):
    net = ExpandedResNet(TASKS, UPSTREAM['mmdet batch norm'], BOTTOM_UP)
    net.sub_backbones['det'].layer2.eval()
    before = deepcopy(net.state_dict())
    modes = [m.training for m in net.modules()]
    net(images(), task)
    changed = {
        n
        for n, v in net.state_dict().items() if not torch.equal(v, before[n])
    }
    own = (f'sub_backbones.{task}.', f'_to_{task}_')
    assert changed and all(any(o in n for o in own) for n in changed)
    assert [m.training for m in net.modules()] == modes


def test_modes_are_restored_after_an_error_in_a_foreign_pass():
    net = ExpandedResNet(TASKS, tiny.sub_backbone(), BOTTOM_UP)
    modes = [m.training for m in net.modules()]

    def fail(*_):
        raise RuntimeError('out of memory')

    net.sub_backbones['seg'].layer2.register_forward_hook(fail)
    with pytest.raises(RuntimeError, match='out of memory'):
        net(images(), 'cls')
    assert [m.training for m in net.modules()] == modes
    assert torch.is_grad_enabled() and torch.is_autocast_cache_enabled()


def test_foreign_stages_after_the_last_join_do_not_run():
    net = ExpandedResNet(TASKS, tiny.sub_backbone(),
                         dict(BOTTOM_UP, fuse_stages=(0, 1)))
    runs = []
    for task in TASKS:
        for i in range(4):
            getattr(net.sub_backbones[task],
                    f'layer{i + 1}').register_forward_hook(
                        lambda *_, at=(task, i): runs.append(at))
    net(images(), 'det')
    assert sorted(runs) == sorted([('cls', 0), ('cls', 1), ('seg', 0),
                                   ('seg', 1),
                                   *(('det', i) for i in range(4))])


def gradient_of(net: ExpandedResNet, cache: bool) -> dict:
    """Return the gradients of all tasks' losses under bfloat16 autocast."""
    net = deepcopy(net)
    with torch.autocast('cpu', torch.bfloat16, cache_enabled=cache):
        loss = sum(f.float().square().mean() for task in TASKS
                   for f in net(images(), task))
    loss.backward()
    return {n: p.grad for n, p in net.named_parameters()}


def test_autocast_cache_of_foreign_passes_takes_no_gradient():
    net = trained(ExpandedResNet(TASKS, tiny.sub_backbone(), BOTTOM_UP))
    cached, plain = gradient_of(net, True), gradient_of(net, False)
    for name, grad in plain.items():
        torch.testing.assert_close(cached[name], grad, rtol=0, atol=0)


def test_frozen_pass_restores_a_cache_that_was_off():
    net = torch.nn.Linear(1, 1)
    with torch.autocast('cpu', torch.bfloat16, cache_enabled=False):
        with frozen_pass(net):
            assert not net.training and not torch.is_grad_enabled()
        assert not torch.is_autocast_cache_enabled()


@pytest.mark.parametrize('cfg, words', [
    (dict(tasks=[]), 'at least one task'),
    (dict(tasks=['cls', 'a.b']), "illegal task name 'a.b'"),
    (dict(sub_backbone=dict(cls=tiny.sub_backbone())), "task 'det' has no"),
    (dict(reconciliation=dict(BOTTOM_UP, fuse_stages=(4, ))), 'fuse_stages'),
    (dict(reconciliation=dict(BOTTOM_UP, fuse_stages=())), 'fuse_stages'),
    (dict(reconciliation=dict(BOTTOM_UP, down_sampling='x')), "'literal'"),
    (dict(sub_backbone=tiny.sub_backbone(out_indices=(3, )),
          reconciliation=dict(BOTTOM_UP, feed_forward=False)), 'no effect'),
])  # yapf: disable
def test_wrong_configs_are_refused(cfg, words):
    good = dict(tasks=TASKS, sub_backbone=tiny.sub_backbone(),
                reconciliation=BOTTOM_UP)  # yapf: disable
    with pytest.raises(UserError, match=words):
        ExpandedResNet(**dict(good, **cfg))


@pytest.mark.parametrize('other, words', [
    (dict(tasks=['cls', 'det']), 'not expected .*_to_seg_'),
    (dict(tasks=[*TASKS, 'depth']), "missing .*depth"),
    (dict(reconciliation=None), 'not expected .*reconciliation'),
    (dict(sub_backbone=tiny.sub_backbone(depth=34)), 'missing .*layer1.2'),
    (dict(sub_backbone=tiny.sub_backbone(base_channels=4, stem_channels=4)),
     r'another shape .*conv1.weight \(in the file: \(8, 3'),
])  # yapf: disable
def test_a_checkpoint_of_another_topology_says_which_keys(other, words):
    good = dict(tasks=TASKS, sub_backbone=tiny.sub_backbone(),
                reconciliation=BOTTOM_UP)  # yapf: disable
    state = ExpandedResNet(**good).state_dict()
    with pytest.raises(UserError, match=words):
        ExpandedResNet(**dict(good, **other)).load_state_dict(
            state, strict=False)
