"""What each network costs, against torch's counter and pencil and paper."""
import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS as MMENGINE_MODELS
from torch import nn
from torch.nn.utils import prune
from torch.utils.flop_counter import FlopCounterMode

from xlearner_mm.apis import as_table, complexity
from xlearner_mm.apis.cost_trace import Trace
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.teachers import WIDTH, pre_distillation

TOOL = Path(__file__).parents[2] / 'tools/analysis_tools/complexity.py'
R50 = dict(
    type='mmpretrain.ResNet',
    depth=50,
    base_channels=64,
    stem_channels=64,
    out_indices=(0, 1, 2, 3))
#: What a ResNet-50 without its classifier has.
R50_PARAMS = 23_508_032


def config(sources: list[dict], **model) -> Config:
    return Config(
        dict(
            default_scope='xlearner_mm',
            model=dict(
                dict(
                    type='ExpansionModel',
                    backbone=tiny.expanded_resnet(),
                    sources=sources), **model)))


def squeeze(sources: list[dict], net: dict) -> Config:
    teacher = tiny.expanded_resnet(
        sub_backbone=net, init_cfg=dict(type='Pretrained', checkpoint='-'))
    cfg = config(sources, type='SqueezeDistiller', teacher=teacher)
    cfg.model.update(student=net)
    del cfg.model['backbone']
    return cfg


def by_name(cfg: Config, *args) -> dict:
    return {row.network: row for row in complexity(cfg, *args)}


def torch_flops(run, shape=(224, 224)) -> float:
    """Count a pass by torch: convolutions alone, two per multiply-add."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run(torch.rand(1, 3, *shape))
    return counter.get_total_flops() / 2


def gammas_into_one(channels: tuple[int, ...]) -> int:
    """Parameters of one directed pair, by the paper's definition."""
    total = 0
    for i, c_i in enumerate(channels):
        for j, c_j in enumerate(channels[:i + 1]):
            total += (i - j) * (9 * c_j * c_j + 2 * c_j) + c_j * c_i + 2 * c_i
    return total


@pytest.fixture(scope='module')
def squeezed(written_sources):
    """The rows of a squeeze of two ResNet-50s into one."""
    return by_name(squeeze(written_sources[:2], R50))


def test_a_plain_resnet_50_has_23_5_million_parameters_and_4_1_gflops(sources):
    row, = complexity(
        config(sources[:1], type='HardSharingModel', backbone=R50))
    assert row.network == 'backbone' and row.params == R50_PARAMS
    net = MMENGINE_MODELS.build(R50)
    net.eval()
    assert row.flops == pytest.approx(torch_flops(net), rel=0.02)
    assert row.flops == pytest.approx(4.1e9, rel=0.02)


def test_the_squeezed_student_is_exactly_one_resnet_50(squeezed):
    student, sub = squeezed['student'], squeezed['sub-backbone cls']
    assert student.params == sub.params == R50_PARAMS
    assert student.flops == sub.flops


def test_gammas_of_resnet_50_cost_6_4_million_a_directed_pair(squeezed):
    expected = gammas_into_one((256, 512, 1024))
    assert round(expected / 1e6, 1) == 6.4
    for task in ('cls', 'det'):
        assert squeezed[f'gammas into {task}'].params == expected
    assert squeezed['gammas'].params == 2 * expected


def test_guidance_layers_of_a_squeeze(squeezed):
    row = squeezed['guidance layers']
    assert row.params == 2 * (2048 * 2048 + 2 * 2048)
    assert row.flops == pytest.approx(2 * 2048 * 2048 * 49, rel=0.01)


def test_the_expanded_backbone_is_the_sum_of_its_parts(squeezed):
    net = MODELS.build(
        tiny.expanded_resnet(sub_backbone=R50, tasks=['cls', 'det']))
    net.eval()
    together = squeezed['expanded, all tasks']
    gammas = squeezed['gammas into det']
    assert together.params == 2 * (R50_PARAMS + gammas.params)
    assert together.flops == pytest.approx(
        torch_flops(net.forward_all), rel=0.02)
    last = sum(p.numel() for p in net.sub_backbones['cls'].layer4.parameters())
    det = squeezed['expanded, features of det']
    assert det.params == 2 * R50_PARAMS - last + gammas.params
    assert det.flops == pytest.approx(
        torch_flops(lambda x: net(x, 'det')), rel=0.02)


def test_without_gammas_there_are_sub_backbones_and_their_sum(sources):
    rows = by_name(
        config(sources, backbone=tiny.expanded_resnet(reconciliation=None)),
        (65, 97))
    subs = [rows[f'sub-backbone {t}'] for t in ('cls', 'det', 'seg')]
    assert len(rows) == 4
    assert rows['expanded, all tasks'].params == sum(r.params for r in subs)
    assert rows['expanded, all tasks'].flops == sum(r.flops for r in subs)


def test_teachers_and_guidance_of_xlearner_pp(sources, tmp_path):
    names = [source['name'] for source in sources]
    rows = by_name(
        config(
            sources,
            pre_distillation=pre_distillation(
                names, tmp_path, hint_stages=(2, 3))), (64, 64))
    teacher = tiny.sub_backbone(base_channels=WIDTH, stem_channels=WIDTH)
    params = sum(p.numel()
                 for p in MMENGINE_MODELS.build(teacher).parameters())
    assert all(rows[f'teacher {n}'].params == params for n in names)
    wide = 3 * sum(8 * 2**i * WIDTH * 2**i + 2 * WIDTH * 2**i for i in (2, 3))
    assert rows['guidance layers'].params == wide


def test_a_model_of_upstream_has_its_backbone(sources):
    cfg = Config(
        dict(
            default_scope='mmdet',
            model=dict(
                sources[1]['model'],
                backbone=tiny.sub_backbone(type='ResNet', norm_eval=False))))
    row, = complexity(cfg, (33, 47))
    expected = MMENGINE_MODELS.build(tiny.sub_backbone())
    assert row.params == sum(p.numel() for p in expected.parameters())


def test_non_zeros_are_those_of_the_checkpoint(sources, tmp_path):
    cfg = config(sources[:2])
    assert all(r.nonzero is None for r in complexity(cfg, (32, 32)))
    model = MODELS.build(cfg.model)
    for p in model.parameters():
        p.data.fill_(1.0)
    model.backbone.sub_backbones['det'].conv1.weight.data[1:3] = 0
    join = model.backbone.reconciliation.layers['det_0_to_cls_0']
    join.blocks[0].norm.weight.data.zero_()
    file = tmp_path / 'iter_1.pth'
    torch.save(dict(state_dict=model.state_dict()), file)
    rows = by_name(cfg, (32, 32), str(file))
    zeros = {name: r.params - r.nonzero for name, r in rows.items()}
    assert zeros == {
        'sub-backbone cls': 0,
        'sub-backbone det': 2 * 3 * 49,
        'gammas into cls': 8,
        'gammas into det': 0,
        'gammas': 8,
        'expanded, features of cls': 2 * 3 * 49 + 8,
        'expanded, features of det': 2 * 3 * 49,
        'expanded, all tasks': 2 * 3 * 49 + 8
    }


def test_of_a_network_to_be_pruned_the_budget_is_known(sources):
    backbone = tiny.expanded_resnet(type='PrunedExpandedResNet', budget=1000)
    rows = by_name(
        config(
            sources[:2],
            type='PrunedExpansionModel',
            backbone=backbone,
            expansion='-'), (32, 32))
    whole = rows.pop('expanded, all tasks')
    norms = sum(
        p.numel()
        for m in MODELS.build(dict(backbone, tasks=['a', 'b'])).modules()
        if isinstance(m, nn.BatchNorm2d) for p in m.parameters())
    assert whole.nonzero == 1000 + norms
    assert all(row.nonzero is None for row in rows.values())


def test_weights_behind_a_mask_count_as_zero():
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Conv2d(5, 2, 1))
    for p in net.parameters():
        nn.init.constant_(p, 2.0)
    prune.random_unstructured(net[0], 'weight', amount=20)
    row = Trace(net, net, (7, 9)).cost('net')
    assert (row.params, row.nonzero) == (152, 132)
    assert row.flops == 5 * 7 * 27 * 5 + 5 * 7 * 5 * 2


def test_what_cannot_be_measured_is_refused(sources, tmp_path):
    cfg = config(sources[:2])
    with pytest.raises(UserError, match=r'shape=\(0, 32\)'):
        complexity(cfg, (0, 32))
    with pytest.raises(UserError, match='no checkpoint at no.pth'):
        complexity(cfg, (32, 32), 'no.pth')
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / 'linear.pth')
    with pytest.raises(UserError, match='holds another expanded backbone'):
        complexity(cfg, (32, 32), str(tmp_path / 'linear.pth'))
    plain = config(
        sources[:1], type='HardSharingModel', backbone=tiny.sub_backbone())
    with pytest.raises(UserError, match='linear.pth is of another model'):
        complexity(plain, (32, 32), str(tmp_path / 'linear.pth'))
    with pytest.raises(UserError, match='GlobalAveragePooling has none of'):
        complexity(
            Config(dict(model=dict(type='mmpretrain.GlobalAveragePooling'))))


def test_the_tool_prints_a_table_or_json(sources, tmp_path, monkeypatch,
                                         capsys):
    cfg = config(sources[:2])
    (tmp_path / 'tiny.py').write_text(cfg.pretty_text)
    command = [str(TOOL), str(tmp_path / 'tiny.py'), '--shape', '33', '64']
    rows = complexity(cfg, (33, 64))
    monkeypatch.setattr(sys, 'argv', command)
    runpy.run_path(str(TOOL), run_name='__main__')
    assert capsys.readouterr().out.strip() == as_table(rows)
    monkeypatch.setattr(sys, 'argv', [*command, '--json'])
    runpy.run_path(str(TOOL), run_name='__main__')
    line, = capsys.readouterr().out.strip().splitlines()
    found = json.loads(line)
    assert found['shape'] == [33, 64]
    assert found['networks'] == [row._asdict() for row in rows]
