"""Starting an expansion from networks that were trained apart."""
import pytest
import torch
from mmengine.config import ConfigDict

from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences


def build(sources, **kwargs):
    """Build and initialise an ExpansionModel."""
    model = MODELS.build(
        dict(type='ExpansionModel', backbone=tiny.expanded_resnet(),
             sources=sources, **kwargs))  # yapf: disable
    model.init_weights()
    return model


def saved(state: dict, file) -> str:
    """Write a state dict as MMEngine does."""
    torch.save(dict(state_dict=state), file)
    return str(file)


def own(model, task: str, source: str) -> dict:
    """Return one task's sub-backbone and one source's head."""
    return dict(model.backbone.sub_backbones[task].state_dict(),
                head=model.heads[source].state_dict())  # yapf: disable


def test_from_an_expansion_of_one_task(sources, tmp_path):
    alone = build(sources[1:2])
    file = saved(alone.state_dict(), tmp_path / 'det.pth')
    model = build(sources, task_checkpoints=dict(det=file))
    assert not list(
        differences(own(model, 'det', 'things'), own(alone, 'det', 'things')))


def test_from_an_upstream_detector(sources, tmp_path):
    upstream = MODELS.build(
        ConfigDict(
            sources[1]['model'], backbone=tiny.sub_backbone(),
            _scope_='mmdet'))
    file = saved(upstream.state_dict(), tmp_path / 'retinanet.pth')
    model = build(sources, task_checkpoints=dict(det=file))
    found = {
        **model.heads['things'].state_dict(),
        **{f'backbone.{k}': v for k, v in
           model.backbone.sub_backbones['det'].state_dict().items()}
    }  # yapf: disable
    assert not list(differences(found, dict(upstream.state_dict())))


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_from_a_backbone_alone(sources, tmp_path, prefix):
    net = MODELS.build(tiny.sub_backbone())
    state = {f'{prefix}{k}': v for k, v in net.state_dict().items()}
    torch.save(state, tmp_path / 'resnet.pth')
    file = str(tmp_path / 'resnet.pth')
    model = build(sources, task_checkpoints=dict(cls=file, seg=file))
    for task in ('cls', 'seg'):
        assert not list(
            differences(
                dict(model.backbone.sub_backbones[task].state_dict()),
                dict(net.state_dict())))


def test_other_tasks_and_gammas_stay_fresh(sources, tmp_path):
    file = saved(build(sources[:1]).state_dict(), tmp_path / 'cls.pth')
    torch.manual_seed(0)
    fresh = build(sources)
    torch.manual_seed(0)
    model = build(sources, task_checkpoints=dict(cls=file))
    changed = {
        path.split('/')[1].split(':')[0]
        for path in differences(fresh.state_dict(), model.state_dict())
    }
    assert changed and all(
        n.startswith(('backbone.sub_backbones.cls.', 'heads.animals.'))
        for n in changed)


@pytest.mark.parametrize('change, key', [
    (dict(depth=34), r'layer1\.2'),
    (dict(depth=50), r'layer1\.0'),
    (dict(base_channels=16, stem_channels=16), r'conv1.weight'),
])
def test_another_depth_or_width_says_which_keys(sources, tmp_path, change,
                                                key):
    net = MODELS.build(tiny.sub_backbone(**change))
    file = saved(net.state_dict(), tmp_path / 'other.pth')
    with pytest.raises(UserError, match=f"other.pth .*'det'.*{key}"):
        build(sources, task_checkpoints=dict(det=file))


def test_from_the_student_of_a_squeeze(sources, tmp_path):
    """Its teacher, which the file holds too, has the same shapes."""
    distiller = MODELS.build(
        dict(
            type='SqueezeDistiller',
            teacher=tiny.expanded_resnet(
                reconciliation=None, init_cfg=dict(checkpoint='not loaded')),
            student=tiny.sub_backbone(),
            sources=sources[1:2]))
    file = saved(distiller.state_dict(), tmp_path / 'squeeze.pth')
    model = build(sources, task_checkpoints=dict(det=file))
    assert not list(
        differences(
            dict(model.backbone.sub_backbones['det'].state_dict()),
            dict(distiller.student.state_dict())))
