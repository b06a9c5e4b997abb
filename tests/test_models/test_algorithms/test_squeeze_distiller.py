"""Eq. 3 over tasks and sources, from a frozen teacher."""
from copy import deepcopy

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences, gradients

TASKS = ('cls', 'det', 'seg')
NAMES = ('animals', 'things', 'stuff')


@pytest.fixture(scope='module')
def teacher_file(written_sources, tmp_path_factory):
    """Checkpoint of an ExpansionModel whose gammas are not zero."""
    model = MODELS.build(
        dict(type='ExpansionModel', backbone=tiny.expanded_resnet(),
             sources=deepcopy(written_sources)))  # yapf: disable
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1)
            module.running_mean.normal_()
    file = tmp_path_factory.mktemp('teacher') / 'iter_4.pth'
    torch.save(dict(state_dict=model.state_dict()), file)
    return file


def build(sources, file, **kwargs):
    """Build a distiller in training mode, with its teacher loaded."""
    init_cfg = dict(
        type='Pretrained', checkpoint=str(file), prefix='backbone.')
    model = MODELS.build(
        dict(
            dict(
                type='SqueezeDistiller',
                teacher=tiny.expanded_resnet(init_cfg=init_cfg),
                student=tiny.sub_backbone(),
                sources=sources), **kwargs))
    model.init_weights()
    return model.train()


def losses_of(model, batch):
    return model(**model.data_preprocessor(batch, True), mode='loss')


def test_the_teacher_is_the_checkpoint(sources, teacher_file):
    model = build(sources, teacher_file)
    saved = torch.load(teacher_file)['state_dict']
    for name, value in model.teacher.state_dict().items():
        assert torch.equal(value, saved[f'backbone.{name}'])


def test_the_student_may_start_from_a_sub_backbone(sources, teacher_file):
    model = build(sources, teacher_file, start_from='det')
    own = model.teacher.sub_backbones['det'].state_dict()
    for name, value in model.student.state_dict().items():
        assert torch.equal(value, own[name]), name
    weight = next(model.student.parameters())
    assert weight.requires_grad
    assert weight is not next(model.teacher.sub_backbones['det'].parameters())
    other = build(sources, teacher_file)
    assert list(differences(other.student.state_dict(), own))


@pytest.mark.parametrize('start, student, message', [
    ('depth', {}, "'depth': the teacher has no such task; choose from"),
    ('cls', dict(base_channels=16),
     'conv1.weight is .* in the sub-backbone and .* in the student'),
    ('cls', dict(init_cfg=dict(type='Pretrained', checkpoint='in1k.pth')),
     "'cls' and the student's init_cfg 'in1k.pth' both say"),
])
def test_a_start_that_does_not_fit_is_refused(sources, teacher_file, start,
                                              student, message):
    with pytest.raises(UserError, match=message):
        build(
            sources,
            teacher_file,
            start_from=start,
            student=dict(tiny.sub_backbone(), **student))


def test_the_teacher_stays_frozen(sources, batch, teacher_file):
    model = build(sources, teacher_file)
    before = deepcopy(model.teacher.state_dict())
    losses_of(model, batch)['loss'].backward()
    assert not any(m.training for m in model.teacher.modules())
    assert not list(differences(model.teacher.state_dict(), before))
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters() if not n.startswith('teacher.')
    }
    assert model.student.training and model.guidance.training


@pytest.mark.parametrize('merge', [False, True])
@pytest.mark.parametrize('stages', [(3, ), (1, 3)])
def test_losses_equal_the_paper_term_by_term(sources, batch, teacher_file,
                                             merge, stages):
    model = build(sources, teacher_file, hint_stages=stages, merge=merge)
    model.eval()
    losses = losses_of(model, batch)
    inputs = model.data_preprocessor(batch, True)['inputs']
    total = 0.0
    for name in NAMES:
        student = model.student(inputs[name])
        for task in TASKS:
            target = model.teacher(inputs[name], task)
            for i in stages:
                guided = model.guidance[f'{task}_{i}'](student[i],
                                                       target[i].shape[-2:])
                term = (guided - target[i]).square().sum(1).mean()
                key = f'{name}.{task}_hint_loss'
                key += f'_{i}' if len(stages) > 1 else ''
                torch.testing.assert_close(losses.pop(key), term)
                total += term.item() / 3
    assert losses.pop('loss').item() == pytest.approx(total, rel=1e-5)
    assert not losses


def test_no_label_is_read(sources, batch, teacher_file):
    model = build(sources, teacher_file)
    with_labels = losses_of(deepcopy(model), batch)
    data = model.data_preprocessor(batch, True)
    without = model(data['inputs'], mode='loss')
    assert not list(differences(with_labels, without))


@pytest.mark.parametrize('kwargs, words', [
    (dict(teacher=tiny.expanded_resnet()), 'teacher.init_cfg.checkpoint'),
    (dict(hint_stages=(3, 4)), r'stages \[4\]'),
    (dict(hint_stages=(1, 2)), 'nothing would train .* layer4.*last stage'),
    (dict(student=tiny.sub_backbone(out_indices=(3, )),
          hint_stages=(2, 3)), r"'student' does not put out the stages \[2\]"),
])
def test_wrong_configs_are_refused(sources, teacher_file, kwargs, words):
    with pytest.raises(UserError, match=words):
        build(sources, teacher_file, **kwargs)


def test_a_teacher_of_other_tasks_says_which_keys(sources, teacher_file):
    with pytest.raises(UserError, match='not expected .*_to_seg_'):
        build(sources[:2], teacher_file)


def test_a_checkpoint_without_backbone_is_refused(sources, tmp_path):
    torch.save(dict(state_dict={'head.weight': torch.ones(1)}),
               tmp_path / 'a.pth')  # yapf: disable
    with pytest.raises(AssertionError, match='backbone. is not in'):
        build(sources, tmp_path / 'a.pth')
