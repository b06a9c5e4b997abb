"""configs/small on the real photographs: a step of each stage, in a row."""
import os
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from mmengine.runner import Runner

from xlearner_mm.apis import check_export, export_backbone, load_config
from xlearner_mm.sources import check_copies

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(
        'XLEARNER_DATA' not in os.environ,
        reason='needs the photographs: set XLEARNER_DATA to their folder')
]
CONFIGS = Path(__file__).parents[1] / 'configs/small'
BCCD = CONFIGS.parent / ('downstream/detection/'
                         'faster-rcnn_r18-fpn_xlearner-pre_1xb4-6e_bccd.py')
SOURCES = [
    'cifar10_mini', 'clothing', 'coco128', 'raccoon', 'camvid',
    'clothing_parsing'
]
#: Sources by the last part of a config's name.
SETTINGS = {'small': SOURCES, 'small-depth': [*SOURCES, 'red_kitchen']}
TINY = {
    f'sources.{i}.{key}': value
    for i in range(len(SOURCES))
    for key, value in (('batch_size', 1), ('val_batch_size', 1),
                       ('val.indices', 2))
}


def find(start: str) -> str:
    """Return the only config of three tasks whose name starts so."""
    file, = CONFIGS.glob(f'{start}*_small.py')
    return str(file)


def build(file: str, work_dir: Path, options: dict | None = None) -> Runner:
    cfg = load_config(file, options)
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    cfg.log_level = 'WARNING'
    return Runner.from_cfg(cfg)


@pytest.fixture(scope='module')
def expansion(tmp_path_factory):
    """One separate and one joint iteration; losses and metrics by name."""
    work_dir = tmp_path_factory.mktemp('expansion')
    runner = build(
        find('xlearner-expansion'), work_dir, {
            **TINY, 'train_cfg.max_iters': 2,
            'train_cfg.join_iter': 1,
            'train_dataloader.num_workers': 0
        })
    runner.train()
    return runner, work_dir / 'iter_2.pth'


@pytest.fixture(scope='module')
def squeezed(expansion, tmp_path_factory):
    """One iteration of the squeeze, with that teacher."""
    work_dir = tmp_path_factory.mktemp('squeeze')
    runner = build(
        find('xlearner-squeeze'), work_dir, {
            **TINY, 'train_cfg.max_iters': 1,
            'train_dataloader.num_workers': 0,
            'model.teacher.init_cfg.checkpoint': str(expansion[1])
        })
    runner.train()
    return runner, work_dir / 'iter_1.pth'


@pytest.mark.parametrize(
    'file', sorted(CONFIGS.glob('*.py')), ids=lambda file: file.stem)
def test_config_loads_with_a_docstring(file):
    cfg = load_config(str(file))
    check_copies(cfg)
    text = file.read_text()
    assert text.startswith('"""') and f'configs/small/{file.name}' in text
    assert len(text.splitlines()) <= 40
    setting = file.stem.split('_')[-1]
    assert [source['name'] for source in cfg.sources] == SETTINGS[setting]


def test_data_root_option_is_where_the_data_come_from(monkeypatch):
    monkeypatch.setenv('XLEARNER_DATA', os.environ['XLEARNER_DATA'])
    cfg = load_config(find('xlearner-expansion'), {'data_root': '/elsewhere'})
    for source in cfg.sources:
        assert source.train.data_root.startswith('/elsewhere/')


def test_expansion_logs_every_source_under_its_name(expansion):
    scalars = expansion[0].message_hub.log_scalars
    for name in SOURCES:
        loss = scalars[f'train/{name}.loss'].current()
        assert 0 < loss < 20
    assert {f'train/{n}.loss_rpn_cls'
            for n in ('coco128', 'raccoon')} <= set(scalars)


def test_expansion_validates_every_source(expansion):
    scalars = expansion[0].message_hub.log_scalars
    for source in expansion[0].cfg.sources:
        assert f'val/{source.name}/{source.key_metric}' in scalars
    assert 'val/average/score' in scalars


def test_squeeze_logs_each_hint_by_source_and_task(squeezed):
    scalars = squeezed[0].message_hub.log_scalars
    for name in SOURCES:
        for task in ('cls', 'det', 'seg'):
            assert f'train/{name}.{task}_hint_loss' in scalars


def test_bccd_detector_loads_every_exported_weight(squeezed, tmp_path):
    file = tmp_path / 'backbone.pth'
    backbone = export_backbone(str(squeezed[1]), str(file))
    check_export(backbone, str(file))
    runner = build(
        str(BCCD), tmp_path, dict(checkpoint=str(file), depth=18, width=32))
    runner.model.init_weights()
    found = runner.model.backbone.state_dict()
    exported = torch.load(file, weights_only=True)
    assert found.keys() == exported.keys()
    for key, value in exported.items():
        torch.testing.assert_close(found[key], value, rtol=0, atol=0)
