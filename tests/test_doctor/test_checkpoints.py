"""Files that networks start from: there, readable, of the same network."""
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from xlearner_mm.doctor import examine
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny


def save(cfg: dict, file: Path, prefix: str = 'backbone.') -> str:
    """Save a random network as a run does, optimizer included."""
    state = MODELS.build(cfg).state_dict()
    torch.save(
        dict(
            state_dict={
                prefix + k: v
                for k, v in state.items()
            },
            optimizer=dict(state=torch.zeros(9))), file)
    return str(file)


def fits(cfg: Config, file: str) -> bool:
    """Whether the doctor has compared a file and found nothing."""
    return any(f'{file} fits' in f.what for f in examine(cfg))


@pytest.fixture
def expanded(tmp_path):
    """Checkpoint of an expansion."""
    cfg = tiny.expanded_resnet(tasks=['cls', 'det', 'seg'])
    return save(cfg, tmp_path / 'expanded.pth')


@pytest.fixture
def squeeze(config):
    """Config of a squeeze, without its teacher's file."""
    init_cfg = dict(type='Pretrained', prefix='backbone.')
    config.model = dict(
        type='SqueezeDistiller',
        teacher=tiny.expanded_resnet(init_cfg=init_cfg),
        student=tiny.sub_backbone(),
        sources=config.sources)
    return config


def test_a_teacher_that_fits_is_no_finding(squeeze, expanded, find):
    squeeze.model.teacher.init_cfg.checkpoint = expanded
    assert find(squeeze) == [] and fits(squeeze, expanded)


def test_a_teacher_of_other_tasks_is_refused(squeeze, tmp_path, only):
    squeeze.model.teacher.init_cfg.checkpoint = save(
        tiny.expanded_resnet(tasks=['cls', 'det']), tmp_path / 'two.pth')
    assert 'another expanded backbone than the config' in only(squeeze)


def test_the_run_that_writes_a_missing_file_is_named(squeeze, tmp_path, only):
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b/before.py').touch()
    run = tmp_path / 'work_dirs/before'
    squeeze.model.teacher.init_cfg.checkpoint = str(run / 'iter_9.pth')
    object.__setattr__(squeeze, '_filename', str(tmp_path / 'a/squeeze.py'))
    (tmp_path / 'a').mkdir()
    text = only(squeeze)
    assert text.startswith('model.teacher.init_cfg.checkpoint: no checkpoint')
    assert text.endswith(f'tools/train.py {tmp_path / "b/before.py"}')
    run.mkdir(parents=True)
    (run / 'last_checkpoint').write_text(str(run / 'iter_4.pth'))
    assert only(squeeze).endswith('whose run is at iter_4.pth')


def test_a_file_that_is_cut_off_is_refused(squeeze, expanded, only):
    squeeze.model.teacher.init_cfg.checkpoint = expanded
    content = Path(expanded).read_bytes()
    Path(expanded).write_bytes(content[:len(content) // 2])
    assert f'{expanded} is damaged' in only(squeeze)


@pytest.mark.parametrize('width, wrong', [(8, False), (9, True)])
def test_each_tasks_checkpoint_is_compared(config, tmp_path, find, width,
                                           wrong):
    net = tiny.sub_backbone(base_channels=width, stem_channels=width)
    file = save(net, tmp_path / 'net.pth')
    config.model.task_checkpoints = dict(cls=file, seg=file)
    places = [f.where for f in find(config)]
    assert len(places) == 2 * wrong
    assert fits(config, file) != wrong


def test_each_teacher_of_the_hints_is_compared(config, tmp_path, find):
    files = {
        name: save(tiny.sub_backbone(depth=depth), tmp_path / f'{name}.pth')
        for name, depth in dict(animals=18, things=34, stuff=34).items()
    }
    config.model.pre_distillation = dict(
        type='PreDistillation',
        teachers={
            name:
            dict(
                tiny.sub_backbone(),
                init_cfg=dict(type='Pretrained', checkpoint=file))
            for name, file in files.items()
        })
    wrong = find(config)
    assert len(wrong) == 2
    for finding, name in zip(wrong, ('things', 'stuff')):
        assert f"does not fit the teacher of source '{name}'" in finding.what
    assert fits(config, files['animals'])


def test_an_expansion_to_prune_is_compared(config, tmp_path, find, only):
    whole = MODELS.build(config.model).state_dict()
    file = str(tmp_path / 'whole.pth')
    torch.save(dict(state_dict=whole), file)
    config.model.type = 'PrunedExpansionModel'
    config.model.backbone.type = 'PrunedExpandedResNet'
    config.model.expansion = file
    assert find(config) == [] and fits(config, file)
    whole.pop('heads.animals.head.fc.bias')
    torch.save(dict(state_dict=whole), file)
    assert 'is no expansion of this network' in only(config)


def test_a_whole_model_that_fits_in_part_is_noticed(config, tmp_path, only):
    state = MODELS.build(config.model).state_dict()
    config.load_from = str(tmp_path / 'a.pth')
    torch.save(state, config.load_from)
    assert fits(config, config.load_from)
    state.pop('heads.animals.head.fc.bias')
    torch.save(state, config.load_from)
    assert 'the others would stay random' in only(config, 'warning')


@pytest.fixture
def stock(tmp_path):
    """Config of a stock classifier that starts from a file."""
    file = str(tmp_path / 'net.pth')
    return Config(
        dict(
            default_scope='mmpretrain',
            custom_imports=dict(imports=['xlearner_mm']),
            model=dict(
                type='ImageClassifier',
                backbone=dict(
                    tiny.sub_backbone(),
                    init_cfg=dict(type='Pretrained', checkpoint=file))),
            custom_hooks=[
                dict(type='xlearner_mm.PretrainedCheckHook', checkpoint=file)
            ]))


def test_a_stock_runners_backbone_is_compared(stock, tmp_path, find, only):
    save(tiny.sub_backbone(), tmp_path / 'net.pth', prefix='')
    assert find(stock) == []
    save(tiny.sub_backbone(depth=34), tmp_path / 'net.pth', prefix='')
    assert 'does not fit the ResNet' in only(stock)


def test_a_backbone_that_was_not_named_is_one_error(stock, only):
    unset = 'XLEARNER_CKPT_is_not_set'
    stock.model.backbone.init_cfg.checkpoint = unset
    stock.custom_hooks[0].checkpoint = unset
    assert 'set XLEARNER_CKPT' in only(stock)
