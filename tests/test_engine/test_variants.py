"""Chains of runs: X-Learner w/o Rec. (Table 5) and X-Learner_r (Sec. 3.4)."""
from copy import deepcopy
from pathlib import Path

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (build_runner, differences, gradients,
                                      squeeze_config, train)

K = 2
TASKS = ('cls', 'det', 'seg')
HALF = tiny.sub_backbone(base_channels=5, stem_channels=5)


def apart(sources, work_dir, join_iter=K, **kwargs) -> dict:
    """Config of an expansion without gammas."""
    cfg = tiny.run_config(sources, work_dir, K, **kwargs)
    cfg['model']['backbone']['reconciliation'] = None
    cfg['train_cfg']['join_iter'] = join_iter
    cfg['custom_hooks'].append(dict(type='UnfusedDriftHook', interval=1))
    return cfg


@pytest.fixture(scope='module')
def teachers(written_sources, tmp_path_factory):
    """T multi-source single-task networks, trained in one run."""
    work_dir = tmp_path_factory.mktemp('teachers')
    runner, _ = train(apart(deepcopy(written_sources), work_dir))
    return runner, work_dir / f'iter_{K}.pth'


@pytest.mark.parametrize('join_iter', [0, 1, K])
def test_without_gammas_phase_2_is_equation_1(sources, tmp_path, join_iter):
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    names = ('animals', 'plants', 'things')
    cfg = apart([sources[0], plants, sources[1]], tmp_path, join_iter)
    runner, losses = train(cfg)
    for k in range(K):
        each = [losses[k][f'{name}.loss'] for name in names]
        weights = (1 / 3, ) * 3 if k >= join_iter else (1 / 2, 1 / 2, 1)
        total = sum(w * loss for w, loss in zip(weights, each))
        torch.testing.assert_close(losses[k]['loss'], total)
    momenta = runner.optim_wrapper.optimizer.state
    assert set(momenta) == set(runner.model.parameters())


def test_without_gammas_the_loss_of_a_task_stays_in_it(sources, batch):
    model = MODELS.build(apart(sources, '')['model']).train()
    data = model.data_preprocessor(
        dict(things=batch['things'], phase='joint'), True)
    model(**data, mode='loss')['loss'].backward()
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters()
        if n.startswith(('backbone.sub_backbones.det.', 'heads.things.'))
    }


def test_the_squeeze_hints_are_the_separate_teachers(teachers, sources,
                                                     tmp_path):
    cfg = squeeze_config(sources, tmp_path, teachers[1], max_iters=1)
    cfg['model']['teacher']['reconciliation'] = None
    runner, losses = train(cfg)
    assert {f'{s["name"]}.{t}_hint_loss'
            for s in sources
            for t in TASKS} <= set(losses[0])
    image = torch.rand(2, 3, 33, 47)
    hints = runner.model.teacher.forward_all(image)
    for task in TASKS:
        net = MODELS.build(tiny.sub_backbone())
        net.eval()
        net.load_state_dict(
            teachers[0].model.backbone.sub_backbones[task].state_dict())
        assert not list(differences(hints[task], net(image)))


def squeeze_one(teachers, source, work_dir) -> dict:
    """Config of the squeeze of one task's teacher into a narrower student."""
    cfg = squeeze_config([source], work_dir, teachers, max_iters=1)
    cfg['model'].update(student=HALF, tasks=[source['task']])
    return cfg


@pytest.fixture(scope='module')
def students(teachers, written_sources, tmp_path_factory):
    """T students of half size, each with its runner and its file."""
    found = {}
    for source in deepcopy(written_sources):
        work_dir = tmp_path_factory.mktemp(source['task'])
        runner, _ = train(squeeze_one(teachers[1], source, work_dir))
        found[source['task']] = runner, work_dir / 'iter_1.pth'
    return found


@pytest.mark.parametrize('task', TASKS)
def test_a_student_of_one_task_learns_from_its_teacher_alone(
        teachers, students, task):
    teacher = students[task][0].model.teacher
    assert list(teacher.sub_backbones) == [task]
    expected = teachers[0].model.backbone.sub_backbones[task].state_dict()
    assert not list(
        differences(teacher.sub_backbones[task].state_dict(), expected))


def test_one_task_of_joined_ones_is_no_separate_teacher(sources, tmp_path):
    model = MODELS.build(tiny.run_config(sources, tmp_path)['model'])
    file = tmp_path / 'joined.pth'
    torch.save(dict(state_dict=model.state_dict()), file)
    cfg = squeeze_one(file, sources[1], tmp_path)
    with pytest.raises(UserError, match='not expected .*reconciliation'):
        train(cfg)


def test_the_expansion_starts_from_the_students_and_joins_them(
        students, sources, tmp_path):
    narrow = deepcopy(sources)
    narrow[0]['model']['head']['in_channels'] = 40
    narrow[1]['model']['neck']['in_channels'] = [5, 10, 20, 40]
    narrow[2]['model']['decode_head']['in_channels'] = 40
    narrow[2]['model']['auxiliary_head']['in_channels'] = 20
    cfg = tiny.run_config(narrow, tmp_path, K)
    cfg['model']['backbone']['sub_backbone'] = HALF
    cfg['model']['task_checkpoints'] = {
        task: str(file)
        for task, (_, file) in students.items()
    }
    cfg['train_cfg']['join_iter'] = 0
    fresh = build_runner(cfg)
    fresh.model.init_weights()
    for task, (runner, _) in students.items():
        assert not list(
            differences(fresh.model.backbone.sub_backbones[task].state_dict(),
                        runner.model.student.state_dict()))
    before = deepcopy(fresh.model.backbone.reconciliation.state_dict())
    runner, _ = train(cfg, work_dir=str(tmp_path))
    after = runner.model.backbone.reconciliation.state_dict()
    scales = [n for n in after if n.endswith('.bn.weight')]
    assert scales and not [
        n for n in scales
        if before[n].abs().max() == 0 and torch.equal(before[n], after[n])
    ]
    assert Path(tmp_path, f'iter_{K}.pth').exists()


def test_half_a_resnet50_has_49_4_percent_of_its_conv_weights():

    def count(width: int) -> int:
        net = MODELS.build(
            dict(type='mmpretrain.ResNet', depth=50, base_channels=width,
                 stem_channels=width))  # yapf: disable
        return sum(m.weight.numel() for m in net.modules()
                   if isinstance(m, torch.nn.Conv2d))

    assert round(100 * count(45) / count(64), 1) == 49.4
