"""Options that make a run cheaper or its weights smoother: what they change.

Norm layers are GroupNorm where a comparison must not depend on the batch.
"""
from copy import deepcopy

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from xlearner_mm.datasets import build_train_loader
from xlearner_mm.engine.hooks import CompileHook
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, train

NORM = dict(type='GN', num_groups=4)


@pytest.fixture
def config(sources, tmp_path):
    """Two iterations of a classifier and a segmentor, one in each phase."""
    return tiny.run_config([sources[0], sources[2]], tmp_path, max_iters=2)


def ends_close(one: Runner, two: Runner, **tolerance) -> None:
    """Compare all weights and buffers at the end of two runs."""
    one, two = one.model.state_dict(), two.model.state_dict()
    assert list(one) == list(two)
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, **tolerance, msg=name)


def test_channels_last_gives_the_same_weights(config):
    plain, _ = train(deepcopy(config))
    formats = []

    class Watch(Hook):

        def before_train(self, runner) -> None:
            for net in runner.model.backbone.sub_backbones.values():
                net.layer2.register_forward_hook(
                    lambda module, x, out: formats.append(out.stride(1)))

    config['model']['data_preprocessor'] = dict(
        type='MultiTaskDataPreprocessor', channels_last=True)
    runner = build_runner(config)
    runner.register_hook(Watch())
    runner.train()
    assert formats and set(formats) == {1}
    ends_close(plain, runner, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('backend', [
    'eager',
    pytest.param('inductor', marks=pytest.mark.slow),
])
def test_compiled_networks_give_the_same_weights(config, backend):
    plain, _ = train(deepcopy(config))
    torch._dynamo.reset()
    config['custom_hooks'].append(dict(type='CompileHook', backend=backend))
    counters = torch._dynamo.utils.counters
    counters.clear()
    compiled, _ = train(config)
    assert counters['frames']['ok'] == counters['frames']['total'] >= 12
    ends_close(plain, compiled, rtol=1e-4, atol=1e-5)


def test_compiling_without_a_network_is_refused(config):
    runner = build_runner(config)
    runner.model = torch.nn.Linear(1, 1)
    with pytest.raises(UserError, match='CompileHook: no ResNet in Linear'):
        CompileHook().before_train(runner)


def test_checkpointed_activations_move_running_statistics_twice(
        sources, batch):
    """Its second forward pass, for the backward pass, counts as one more.

    With momentum m, two steps towards the same mean go (2 - m) m of the way
    that one goes m of.
    """
    batch = dict(animals=batch['animals'])
    models = []
    for with_cp in (False, True):
        torch.manual_seed(0)
        model = MODELS.build(
            dict(
                type='ExpansionModel',
                backbone=tiny.expanded_resnet(
                    sub_backbone=tiny.sub_backbone(with_cp=with_cp)),
                sources=sources)).train()
        model(
            **model.data_preprocessor(batch, True),
            mode='loss')['loss'].backward()
        models.append(model)
    plain, checkpointed = (
        dict(m.backbone.sub_backbones['cls'].named_modules()) for m in models)
    gradients = ([p.grad for p in m.parameters()] for m in models)
    for one, two in zip(*gradients):
        torch.testing.assert_close(two, one)
    moved = plain['layer3.0.bn1'].running_mean
    momentum = plain['layer3.0.bn1'].momentum
    torch.testing.assert_close(checkpointed['layer3.0.bn1'].running_mean,
                               (2 - momentum) * moved)
    torch.testing.assert_close(checkpointed['bn1'].running_mean,
                               plain['bn1'].running_mean)


def test_accumulated_gradients_are_the_mean_over_the_iterations(
        sources, tmp_path):
    sources = [sources[0]]
    cfg = tiny.run_config(sources, tmp_path, max_iters=2)
    cfg['model']['backbone'].update(
        sub_backbone=tiny.sub_backbone(norm_cfg=NORM))
    cfg['train_cfg']['join_iter'] = 2
    cfg['param_scheduler'] = None
    cfg['optim_wrapper'] = dict(
        optimizer=dict(type='SGD', lr=0.5), accumulative_counts=2)
    model = build_runner(deepcopy(cfg)).model
    model.train()
    model.init_weights()
    runner = build_runner(cfg)
    runner.model.load_state_dict(model.state_dict())
    runner._has_loaded = True
    runner._init_model_weights = lambda: None
    expected = {n: p.detach().clone() for n, p in model.named_parameters()}
    for number, batch in enumerate(build_train_loader(sources, max_iters=2)):
        model.zero_grad()
        model(
            **model.data_preprocessor(dict(batch, phase='separate'), True),
            mode='loss')['loss'].backward()
        for name, p in model.named_parameters():
            expected[name] -= 0.5 * p.grad / 2
    runner.train()
    for name, p in runner.model.named_parameters():
        torch.testing.assert_close(p.detach(), expected[name], msg=name)


def test_averaged_weights_follow_the_recursion(config):
    values = []

    class Watch(Hook):
        priority = 'HIGHEST'

        def before_train(self, runner) -> None:
            self.after_train_iter(runner, 0)

        def after_train_iter(self, runner, *args, **kwargs) -> None:
            weight = runner.model.backbone.sub_backbones['cls'].conv1.weight
            values.append(weight.detach().clone())

    config['custom_hooks'].append(dict(type='EMAHook', momentum=0.25))
    runner = build_runner(config)
    runner.register_hook(Watch())
    runner.train()
    start, *rest = values
    average = rest[0]  # MMEngine's first update copies
    for value in rest[1:]:
        average = 0.75 * average + 0.25 * value
    hook, = (h for h in runner.hooks if type(h).__name__ == 'EMAHook')
    net = hook.ema_model.module.backbone.sub_backbones['cls']
    torch.testing.assert_close(net.conv1.weight.detach(), average)
    assert not torch.equal(start, rest[0])
