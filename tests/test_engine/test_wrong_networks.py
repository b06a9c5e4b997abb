"""Runs from checkpoints of another width say so in one line."""
import re

import pytest
import torch

from xlearner_mm.apis import run_tool
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import squeeze_config, train

WIDE = tiny.sub_backbone(base_channels=16, stem_channels=16)
#: What the message says of the first layer.
SHAPES = (r'conv1.weight\w* \(in the file: \(16, 3, 7, 7\), '
          r'in the \w+: \(8, 3, 7, 7\)\)')


@pytest.fixture
def wide(sources, tmp_path):
    """Checkpoints of a plain and an expanded network, twice as wide."""
    files = {}
    for name, net in dict(
            plain=WIDE,
            expanded=tiny.expanded_resnet(
                tasks=['cls', 'det', 'seg'], sub_backbone=WIDE)).items():
        state = MODELS.build(net).state_dict()
        files[name] = str(tmp_path / f'{name}.pth')
        torch.save(
            dict(state_dict={
                f'backbone.{k}': v
                for k, v in state.items()
            }), files[name])
    return files


def message(cfg: dict) -> str:
    """Run a config as the tools do, and return how it ends."""
    with pytest.raises(SystemExit) as stop:
        run_tool(lambda: train(cfg))
    text, *where = str(stop.value).splitlines()
    assert text.startswith('error: ') and len(where) == 2
    return text


def test_the_teacher_of_a_squeeze(sources, wide, tmp_path):
    text = message(squeeze_config(sources, tmp_path, wide['expanded']))
    assert f"model.teacher.init_cfg.checkpoint={wide['expanded']}" in text
    assert re.search(SHAPES, text)
    assert 'give the type, tasks, sub_backbone (depth, width)' in text


def test_the_checkpoint_of_a_task(sources, wide, tmp_path):
    cfg = tiny.run_config(sources, tmp_path)
    cfg['model']['task_checkpoints'] = dict(det=wide['plain'])
    text = message(cfg)
    assert f"{wide['plain']} does not fit the sub-backbone of task 'det'" in (
        text)
    assert re.search(SHAPES, text)
    assert text.endswith('give a checkpoint of the same depth and width')


def test_the_teacher_of_xlearner_pp(sources, wide, tmp_path):
    cfg = tiny.run_config(sources, tmp_path)
    teacher = tiny.sub_backbone(
        init_cfg=dict(type='Pretrained', checkpoint=wide['plain']))
    cfg['model']['pre_distillation'] = dict(
        type='PreDistillation', teachers={s['name']: teacher
                                          for s in sources})
    text = message(cfg)
    assert f"{wide['plain']} does not fit the teacher of source 'animals'" in (
        text)
    assert re.search(SHAPES, text)
    assert text.endswith('give a checkpoint of the same depth and width')


def pruning(sources, work_dir, **kwargs) -> dict:
    """Config of a pruning run."""
    cfg = tiny.run_config(sources, work_dir)
    cfg['model'].update(type='PrunedExpansionModel', **kwargs)
    cfg['model']['backbone']['type'] = 'PrunedExpandedResNet'
    return cfg


def test_the_expansion_that_is_pruned(sources, wide, tmp_path):
    text = message(pruning(sources, tmp_path, expansion=wide['expanded']))
    assert f"model.expansion={wide['expanded']} is no expansion of" in text
    assert re.search(SHAPES, text)
    assert 'give the type, tasks, sub_backbone (depth, width)' in text


@pytest.mark.parametrize('budget', [10**9, 1.5])
def test_a_budget_larger_than_the_network(sources, tmp_path, budget):
    cfg = pruning(sources, tmp_path, expansion='-')
    cfg['model']['backbone']['budget'] = budget
    text = message(cfg)
    assert f'PrunedExpandedResNet: budget={budget} keeps' in text
    assert 'give a whole number from 1 to' in text


def test_files_that_are_not_there_name_the_remedy(sources, tmp_path):
    for cfg in (squeeze_config(sources, tmp_path, 'no.pth'),
                pruning(sources, tmp_path, expansion='no.pth')):
        assert message(cfg) == (
            'error: no checkpoint at no.pth; check the path, or train the '
            'stage that writes it first')
