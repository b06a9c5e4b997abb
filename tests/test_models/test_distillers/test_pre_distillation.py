"""The hints of X-Learner++: their value, who is trained, what is saved."""
from copy import deepcopy

import pytest
import torch
import torchvision
from mmengine.config import ConfigDict

from xlearner_mm.apis import export_backbone
from xlearner_mm.datasets import build_train_loader
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences, gradients, train
from xlearner_mm.testing.teachers import (WIDTH, pre_distillation,
                                          teacher_config, teacher_net)

NAMES = ['animals', 'things', 'stuff']


def build(sources, hints, **kwargs):
    """Build an ExpansionModel of width 8 in training mode."""
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=sources,
            pre_distillation=hints,
            **kwargs))
    model.init_weights()
    return model.train()


def losses_of(model, batch, phase='separate'):
    """Return the losses of a batch, with equal randomness each time."""
    torch.manual_seed(0)
    return model(
        **model.data_preprocessor(dict(batch, phase=phase), True), mode='loss')


def teachers_of(model) -> dict:
    return model.pre_distillation.teachers


def naive_hint(student, teacher, layer, x):
    """||F_n - BN(W E^t)||^2 in float64: mean over channels and the rest."""
    conv, norm = layer.project.conv, layer.project.norm
    student.double().train()
    feature = student(x.double())[-1]
    pred = torch.einsum('oc,nchw->nohw',
                        conv.weight.double()[..., 0, 0], feature)
    mean = pred.mean((0, 2, 3), keepdim=True)
    var = ((pred - mean)**2).mean((0, 2, 3), keepdim=True)
    pred = (pred - mean) / (var + norm.eps).sqrt()
    pred = (
        pred * norm.weight.double()[:, None, None] +
        norm.bias.double()[:, None, None])
    target = teacher.double()(x.double())[-1]
    total = 0.0
    for p, t in zip(
            pred.permute(0, 2, 3, 1).reshape(-1, target.shape[1]),
            target.permute(0, 2, 3, 1).reshape(-1, target.shape[1])):
        total += ((p - t)**2).sum().item()
    return total / target.numel()


def test_hints_equal_a_naive_float64_computation(sources, batch, tmp_path):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    for name, p in model.pre_distillation.named_parameters():
        if 'bn' in name:
            p.data.uniform_(0.5, 1.5)
    before = deepcopy(model)
    losses = losses_of(model, batch)
    inputs = model.data_preprocessor(batch, True)['inputs']
    for seed, name in enumerate(NAMES):
        task = model.task_of[name]
        with torch.no_grad():
            expected = naive_hint(before.backbone.sub_backbones[task],
                                  teacher_net(seed),
                                  before.pre_distillation.guidance[name]['3'],
                                  inputs[name])
        assert expected > 0.01
        assert losses[f'{name}.pre_hint_loss'].item() == pytest.approx(
            expected, rel=1e-4)


def test_a_hint_is_part_of_its_source_in_the_mean_over_a_task(
        sources, tmp_path):
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    sources = [sources[0], plants, sources[2]]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    names = ['animals', 'plants', 'stuff']
    model = build(
        sources, pre_distillation(names, tmp_path / 't'), merge=['cls'])
    torch.manual_seed(1)
    bare = build(sources, None, merge=['cls'])
    bare.load_state_dict({
        k: v
        for k, v in model.state_dict().items()
        if not k.startswith('pre_distillation')
    })
    labels, both = losses_of(bare, batch), losses_of(model, batch)
    expected = 0.0
    for name, weight in dict(animals=1 / 2, plants=1 / 2, stuff=1).items():
        hint = both[f'{name}.pre_hint_loss']
        assert hint > 0.01
        assert torch.equal(both[f'{name}.loss'], labels[f'{name}.loss'])
        expected += weight * (labels[f'{name}.loss'] + hint).item()
    assert both['loss'].item() == pytest.approx(expected, rel=1e-6)
    assert set(both) - set(labels) == {f'{n}.pre_hint_loss' for n in names}


@pytest.mark.parametrize('source, task', [('animals', 'cls'),
                                          ('things', 'det'), ('stuff', 'seg')])
def test_a_source_trains_its_own_parts_and_guidance_alone(
        sources, batch, tmp_path, source, task):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    losses_of(model, {source: batch[source]})['loss'].backward()
    own = (f'backbone.sub_backbones.{task}.', f'heads.{source}.',
           f'pre_distillation.guidance.{source}.')
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters() if n.startswith(own)
    }


def test_the_hint_alone_reaches_e_t_and_its_guidance(sources, batch, tmp_path):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    losses_of(model, batch)['things.pre_hint_loss'].backward()
    found = {n for n, p in model.named_parameters() if p.grad is not None}
    assert found == {
        n
        for n, _ in model.named_parameters()
        if n.startswith(('backbone.sub_backbones.det.',
                         'pre_distillation.guidance.things.'))
    }


def test_teachers_stay_as_their_files_and_in_evaluation_mode(
        sources, batch, tmp_path):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    losses_of(model, batch)['loss'].backward()
    assert model.train() is model
    for seed, name in enumerate(NAMES):
        net = teachers_of(model)[name]
        assert not any(m.training for m in net.modules())
        assert not any(p.requires_grad for p in net.parameters())
        assert not list(
            differences(
                dict(net.state_dict()), dict(teacher_net(seed).state_dict())))


def test_teachers_are_neither_saved_nor_optimized_but_follow_a_cast(
        sources, tmp_path):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    held = {id(p) for p in model.parameters()}
    for net in teachers_of(model).values():
        assert not held & {id(p) for p in net.parameters()}
    extra = {
        k.split('.')[1]
        for k in model.state_dict() if k.startswith('pre_distillation')
    }
    assert extra == {'guidance'}
    model.double()
    for net in teachers_of(model).values():
        assert net.conv1.weight.dtype == torch.float64
        assert net.bn1.running_mean.dtype == torch.float64


def test_phase_joint_runs_neither_teachers_nor_guidance(
        sources, batch, tmp_path):
    model = build(sources, pre_distillation(NAMES, tmp_path))
    calls = []
    for net in teachers_of(model).values():
        net.register_forward_hook(lambda *_: calls.append(1))
    before = deepcopy(model.pre_distillation.state_dict())
    losses = losses_of(model, batch, 'joint')
    losses['loss'].backward()
    assert not [k for k in losses if 'hint' in k] and not calls
    assert not any('pre_distillation' in n for n in gradients(model))
    assert not list(
        differences(dict(before), dict(model.pre_distillation.state_dict())))
    losses_of(model, batch)
    assert len(calls) == 3


def test_several_stages_are_numbered_and_none_leaves_a_source_out(
        sources, batch, tmp_path):
    hints = pre_distillation(NAMES, tmp_path, hint_stages=(1, 3))
    hints['teachers']['things'] = None
    model = build(sources, hints)
    assert {k for k in losses_of(model, batch) if 'hint' in k} == {
        f'{n}.pre_hint_loss_{i}'
        for n in ('animals', 'stuff') for i in (1, 3)
    }  # yapf: disable
    layer = model.pre_distillation.guidance['stuff']['1']
    assert layer.project.conv.weight.shape == (2 * WIDTH, 16, 1, 1)


def run_of_one_source(source, folder):
    """Train a model of width 8 for an iteration; return weights and file."""
    cfg = tiny.run_config([source], folder, max_iters=1)
    cfg['model'] = dict(
        type='HardSharingModel',
        backbone=tiny.sub_backbone(),
        sources=[source])
    cfg['train_cfg'] = dict(type='MultiSourceTrainLoop', max_iters=1)
    runner, _ = train(cfg)
    return runner.model.backbone.state_dict(), str(folder / 'iter_1.pth')


@pytest.mark.parametrize('form',
                         ['run', 'exported', 'upstream', 'torchvision'])
def test_teachers_come_from_any_plain_resnet(sources, tmp_path, form):
    file, width = str(tmp_path / 'teacher.pth'), WIDTH
    if form in ('run', 'exported'):
        state, run = run_of_one_source(sources[0], tmp_path)
        width = 8
        if form == 'run':
            file = run
        else:
            export_backbone(run, file)
    elif form == 'upstream':
        net = MODELS.build(
            ConfigDict(
                sources[1]['model'],
                backbone=teacher_config(),
                _scope_='mmdet'))
        state = net.backbone.state_dict()
        torch.save(dict(state_dict=net.state_dict()), file)
    else:
        net, width = torchvision.models.resnet18(num_classes=3), 64
        state = {
            k: v
            for k, v in net.state_dict().items() if not k.startswith('fc.')
        }
        torch.save(
            {
                k: v
                for k, v in net.state_dict().items() if 'num_batches' not in k
            }, file)
    teacher = teacher_config(
        base_channels=width,
        stem_channels=width,
        init_cfg=dict(type='Pretrained', checkpoint=file))
    hints = dict(type='PreDistillation', teachers=dict(animals=teacher))
    model = build(sources[:1], hints)
    assert not list(
        differences(
            dict(teachers_of(model)['animals'].state_dict()), dict(state)))


@pytest.mark.parametrize('change, words', [
    (dict(teachers=dict(birds=None)), r"names \['birds'\].*'animals'"),
    (dict(teachers=dict(animals=None)), r"sources \['things', 'stuff'\] have"),
    (dict(hint_stages=()), 'hint_stages is empty'),
    (dict(hint_stages=(4, )), "sub-backbone of animals' does not put out"),
])
def test_wrong_configs_are_refused(sources, tmp_path, change, words):
    hints = dict(pre_distillation(NAMES, tmp_path), **change)
    with pytest.raises(UserError, match=words):
        build(sources, hints)


@pytest.mark.parametrize('change, words', [
    (dict(init_cfg=None), "'things' has no checkpoint: set .*teachers.things"),
    (dict(init_cfg=dict(checkpoint='no.pth')), 'no checkpoint at no.pth'),
    (dict(out_indices=(0, )), r"teacher of things' does not put out .*\[3\]"),
    (dict(depth=34), r"things.pth does not fit .*'things'.*layer1\.2"),
    (dict(base_channels=8, stem_channels=8), r"'things'.*conv1.weight"),
])
def test_teachers_that_cannot_be_are_refused(sources, tmp_path, change, words):
    hints = pre_distillation(NAMES, tmp_path)
    hints['teachers']['things'].update(change)
    with pytest.raises(UserError, match=words):
        build(sources, hints)


def test_a_teacher_that_is_no_resnet_is_refused(sources, tmp_path):
    hints = pre_distillation(NAMES, tmp_path)
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / 'stuff.pth')
    with pytest.raises(UserError, match="stuff.pth does not fit .*'stuff'"):
        build(sources, hints)


def test_teachers_that_were_never_loaded_give_no_hints(sources, batch,
                                                       tmp_path):
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(),
            sources=sources,
            pre_distillation=pre_distillation(NAMES, tmp_path)))
    with pytest.raises(RuntimeError, match='init_weights'):
        losses_of(model, batch)
