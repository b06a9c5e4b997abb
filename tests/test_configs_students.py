"""Squeezes into other students: one iteration, export, deployment."""
from pathlib import Path

import pytest
import torch
from mmengine.registry import MODELS as MMENGINE_MODELS

from xlearner_mm.apis import (check_export, complexity, deploy_backbone,
                              export_backbone, load_config)
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import runs, tiny

CONFIGS = Path(__file__).parents[1] / 'configs'
#: The packages that load the exported student of each config.
DEMO = dict(convnext=['mmpretrain'])
DEMO['mobilenet-v2'] = ['mmpretrain']
FULL = ('r18', 'mobilenet-v2')


def demo_config(student: str) -> Path:
    return CONFIGS / f'demo/xlearner-squeeze_r18-to-{student}_demo.py'


def full_config(student: str) -> Path:
    name = f'xlearner-squeeze_r50-to-{student}_8xb68-200k_cls3-det2.py'
    return CONFIGS / 'xlearner' / name


FILES = [*map(demo_config, DEMO), *map(full_config, FULL)]


def test_every_config_of_another_student_is_tested():
    assert set(CONFIGS.glob('*/*-to-*.py')) == set(FILES)


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_config_differs_from_its_base_in_the_student_alone(file):
    cfg = load_config(str(file))
    first, _, rest = file.stem.partition('-to-')
    base, = file.parent.glob(f'{first}_{rest.partition("_")[2]}.py')
    base = load_config(str(base))
    text = file.read_text()
    assert f'configs/{file.parent.name}/{file.name}' in text
    assert len(text.splitlines()) <= 40
    for part in (cfg, base):
        part.model.pop('student'), part.model.pop('start_from', None)
    assert cfg.to_dict() == base.to_dict()


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_every_parameter_of_the_student_is_trained_by_hints(file):
    cfg = load_config(str(file)).model
    sub = dict(cfg.teacher.sub_backbone)
    cfg.teacher.sub_backbone = dict(sub, depth=18, base_channels=8,
                                    stem_channels=8)  # yapf: disable
    model = MODELS.build(dict(cfg, _scope_='xlearner_mm'))
    stages = cfg.get('hint_stages', (3, ))
    features = model.eval().student(torch.rand(1, 3, 64, 64))
    for task in model.teacher.tasks:
        for i in stages:
            out = model._outputs['student'][i]
            assert features[out.position].shape[-1] == 64 // 2**(i + 2)
            guided = model.guidance[f'{task}_{i}'](features[out.position],
                                                   (2, 2))
            assert guided.shape[1] == (
                model.teacher.feature_specs[task][i].channels)


@pytest.fixture(scope='module')
def expansion(written_sources, tmp_path_factory):
    """The checkpoint of an expansion of ResNets, its sources."""
    root = tmp_path_factory.mktemp('students')
    runs.train(tiny.run_config(written_sources, root, max_iters=2))
    return root / 'iter_2.pth', written_sources


@pytest.fixture(scope='module', params=DEMO)
def squeezed(request, expansion, tmp_path_factory):
    """One iteration with a demo config's student: its name, file, model."""
    file, sources = expansion
    student = load_config(str(demo_config(request.param))).model.student
    cfg = runs.squeeze_config(
        sources, tmp_path_factory.mktemp('squeeze'), file, max_iters=1)
    cfg['model'].update(student=student.to_dict(), hint_stages=(1, 2, 3))
    runner, losses = runs.train(cfg)
    assert all(v > 0 for v in losses[0].values())
    return (request.param, f'{cfg["work_dir"]}/iter_1.pth', runner.model,
            losses[0])


def test_each_stage_of_each_task_is_hinted(squeezed):
    found = {k for k in squeezed[3] if '_hint_loss' in k}
    assert len(found) == 3 * 3 * 3  # sources, tasks, stages


def test_export_fits_upstreams_network_and_says_where_not(squeezed, tmp_path):
    name, src, model, _ = squeezed
    dst = str(tmp_path / 'student.safetensors')
    backbone = export_backbone(src, dst)
    for package, line in check_export(backbone, dst).items():
        fits = 'entries match' in line
        assert fits == (package in DEMO[name]), line
        assert fits or 'has no such' in line or 'not for it' in line
    net = MMENGINE_MODELS.build(backbone.cfg)
    net.load_state_dict(backbone.state_dict)
    for key, value in model.student.state_dict().items():
        assert torch.equal(value, net.state_dict()[key])


def test_torchscript_of_the_student_equals_it(squeezed, tmp_path):
    name, src, model, _ = squeezed
    found = deploy_backbone(src, str(tmp_path / 'student.torchscript'))
    assert max(d.relative for d in found) <= 1e-6
    student = model.eval().student
    x = torch.rand(3, 3, 75, 50)
    run = torch.jit.load(str(tmp_path / 'student.torchscript'))
    for ours, theirs in zip(student(x), run(x), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_complexity_knows_the_student_and_its_guidance(expansion):
    file, sources = expansion
    cfg = load_config(str(demo_config('mobilenet-v2')))
    cfg.model.sources = sources
    rows = {row.network: row for row in complexity(cfg, (64, 64))}
    student = MMENGINE_MODELS.build(cfg.model.student)
    assert rows['student'].params == sum(p.numel()
                                         for p in student.parameters())
    widths = {16: 32, 48: 64, 1280: 128}  # to the teacher's, with BatchNorm
    one_task = sum(a * b + 2 * b for a, b in widths.items())
    assert rows['guidance layers'].params == 3 * one_task


def test_convnexts_are_expanded_squeezed_and_exported(expansion, tmp_path):
    net = dict(
        type='mmpretrain.ConvNeXt',
        arch=dict(depths=(1, 1, 1, 1), channels=(8, 16, 32, 64)),
        out_indices=(0, 1, 2, 3),
        gap_before_final_norm=False)
    sources = expansion[1]
    cfg = tiny.run_config(sources, tmp_path / 'expansion', max_iters=2)
    cfg['model']['backbone'] = tiny.expanded_resnet(sub_backbone=net)
    runner, losses = runs.train(cfg)  # one iteration a phase
    assert losses[1]['loss'].isfinite()
    file = tmp_path / 'expansion/iter_2.pth'
    cfg = runs.squeeze_config(sources, tmp_path / 'squeeze', file, max_iters=1)
    cfg['model']['teacher']['sub_backbone'] = net
    cfg['model'].update(
        student=net, start_from='det', hint_stages=(0, 1, 2, 3))
    squeeze, _ = runs.train(cfg)
    assert not list(
        runs.differences(squeeze.model.teacher.state_dict(),
                         runner.model.backbone.state_dict()))
    dst = str(tmp_path / 'student.pth')
    backbone = export_backbone(str(tmp_path / 'squeeze/iter_1.pth'), dst)
    assert 'entries match' in check_export(backbone, dst)['mmpretrain']
