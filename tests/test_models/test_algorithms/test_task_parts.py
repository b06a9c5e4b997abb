"""A backward pass for each task: the same update, less memory."""
from collections import Counter
from contextlib import contextmanager

import pytest
import torch
from mmengine.optim import OptimWrapper

from xlearner_mm.datasets import build_train_loader
from xlearner_mm.engine.optim_wrappers import AbsorbingOptimWrapper
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.memory_use import memory_use
from xlearner_mm.testing.runs import differences
from xlearner_mm.testing.teachers import pre_distillation


def build(sources, backward, **kwargs):
    """Build an ExpansionModel of width 8 whose gammas are not zero."""
    torch.manual_seed(3)
    model = MODELS.build(
        dict(
            dict(
                type='ExpansionModel',
                backbone=tiny.expanded_resnet(),
                sources=sources,
                backward=backward), **kwargs))
    model.init_weights()
    for p in model.backbone.reconciliation.parameters():
        p.data.normal_(std=0.1)
    return model.train()


def trained(sources, batch, backward, phase, steps=2, kind=OptimWrapper,
            wrapper=None, **kwargs):  # yapf: disable
    """Train some iterations; return the model's state and all losses."""
    model = build(sources, backward, **kwargs)
    model.freeze_idle(phase)
    params = [p for p in model.parameters() if p.requires_grad]
    optim = kind(
        torch.optim.SGD(params, lr=1e-3, momentum=0.9), **(wrapper or {}))
    optim.initialize_count_status(model, 0, steps)
    losses = []
    for k in range(steps):
        torch.manual_seed(k)
        losses.append(model.train_step(dict(batch, phase=phase), optim))
    return model.state_dict(), losses


@pytest.mark.parametrize('phase', ['separate', 'joint'])
def test_the_update_is_that_of_one_backward_pass_bit_for_bit(
        sources, batch, phase):
    one, two = (
        trained(sources, batch, backward, phase)
        for backward in ('joint', 'per_task'))
    assert not list(differences(one, two))


@pytest.mark.parametrize('wrapper', [
    dict(accumulative_counts=2),
    dict(accumulative_counts=2, clip_grad=dict(max_norm=0.5))
])
def test_gradient_accumulation_and_clipping_count_iterations(
        sources, batch, wrapper):
    one, two = (
        trained(sources, batch, backward, 'joint', 3, wrapper=wrapper)
        for backward in ('joint', 'per_task'))
    assert not list(differences(one, two))


class Bfloat16(OptimWrapper):
    """MMEngine's wrapper for mixed precision refuses CPUs."""

    @contextmanager
    def optim_context(self, model):
        with super().optim_context(model), torch.autocast('cpu'):
            yield


def test_mixed_precision_updates_as_one_backward_pass(sources, batch):
    one, two = (
        trained(sources, batch, backward, 'joint', kind=Bfloat16)
        for backward in ('joint', 'per_task'))
    assert not list(differences(one, two))


@pytest.mark.parametrize('phase', ['separate', 'joint'])
def test_absorbed_gradients_update_as_held_ones_bit_for_bit(
        sources, batch, phase):
    one, two, three = (trained(
        sources, batch, backward, phase, steps=3,
        kind=kind) for backward, kind in (('joint', OptimWrapper),
                                          ('per_task', AbsorbingOptimWrapper),
                                          ('joint', AbsorbingOptimWrapper)))
    assert not list(differences(one, two))
    assert not list(differences(one, three))


@pytest.mark.parametrize('optimizer, kwargs, message', [
    (dict(lr=0.1), {}, 'needs SGD with momentum and without nesterov'),
    (dict(lr=0.1, momentum=0.9, nesterov=True), {}, 'without nesterov'),
    (dict(lr=0.1, momentum=0.9), dict(accumulative_counts=2), 'need all'),
    (dict(lr=0.1, momentum=0.9), dict(clip_grad=dict(max_norm=1)), 'need all'),
])
def test_what_needs_held_gradients_is_refused(optimizer, kwargs, message):
    params = [torch.nn.Parameter(torch.zeros(1))]
    with pytest.raises(UserError, match=message):
        AbsorbingOptimWrapper(torch.optim.SGD(params, **optimizer), **kwargs)


def test_gradients_of_one_task_at_a_time_are_held(sources, batch):
    held = Counter()

    class Watch(AbsorbingOptimWrapper):

        def absorb(self) -> None:
            count = sum(p.grad is not None for p in model.parameters())
            held[count] += 1
            super().absorb()
            assert all(p.grad is None for p in model.parameters())

    model = build(sources, 'per_task')
    optim = Watch(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    model.train_step(dict(batch, phase='joint'), optim)
    owned = [
        sum(len(list(m.parameters())) for m in model.task_modules(task))
        for task in model.tasks
    ]
    assert held == Counter(owned)


def test_merged_tasks_and_hints_are_part_of_their_task(sources, tmp_path):
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    sources = [sources[0], plants, sources[2]]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    names = [source['name'] for source in sources]
    hints = pre_distillation(names, tmp_path / 'teachers')
    one, two = (
        trained(
            sources,
            batch,
            backward,
            'separate',
            merge=['cls'],
            pre_distillation=hints) for backward in ('joint', 'per_task'))
    assert set(one[1][0]) >= {f'{n}.pre_hint_loss' for n in names}
    assert not list(differences(one, two))


def test_each_parameter_belongs_to_one_task(sources):
    model = build(sources, 'per_task')
    owned = Counter(
        id(p) for task in model.tasks for module in model.task_modules(task)
        for p in module.parameters())
    assert owned == Counter(id(p) for p in model.parameters())


def test_activations_of_one_task_at_a_time_are_held(tmp_path):
    sources = [
        dict(tiny.cls_source(tmp_path, name), task=name, batch_size=48)
        for name in 'abc'
    ]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    cpu = torch.device('cpu')
    peaks = []
    for backward in ('joint', 'per_task'):
        model = build(sources, backward)
        optim = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
        data = dict(batch, phase='joint')
        model.train_step(data, optim)
        peaks.append(memory_use(lambda: model.train_step(data, optim), cpu)[0])
    assert peaks[1] < 0.7 * peaks[0]


def test_another_way_is_refused(sources):
    message = "model.backward='twice'; choose from 'joint' and 'per_task'"
    with pytest.raises(UserError, match=message):
        build(sources, 'twice')
