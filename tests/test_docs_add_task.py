"""docs/en/user_guides/add_task.md, as written, on small files.

Widths and sizes of images are divided by eight, and batches are of two.
"""
import shutil
from pathlib import Path
from uuid import uuid4

import docs_data
import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from test_docs import BLOCK, ROOT

from xlearner_mm.apis import load_config
from xlearner_mm.doctor import examine
from xlearner_mm.testing.runs import Recorder
from xlearner_mm.testing.shrinking import shrink
from xlearner_mm.testing.source_files import write_coco
from xlearner_mm.testing.task_files import write_depth, write_voc07

PAGES = [
    ROOT / 'docs/en' / name
    for name in ('get_started.md', 'user_guides/add_task.md')
]
NARROW = dict(base_channels=8, stem_channels=8)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The pages' configs beside our bases, and files as they describe."""
    root = tmp_path_factory.mktemp('pages')
    shutil.copytree(ROOT / 'configs/_base_', root / 'configs/_base_')
    for page in PAGES:
        for name, text in BLOCK.findall(page.read_text()):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    data = root / 'data'
    docs_data.write_flowers(data)
    docs_data.write_drones(data)
    write_depth(data / 'rooms', size=(60, 80))
    write_coco(data / 'coco')
    write_voc07(data / 'VOCdevkit/VOC2007')
    return root


@pytest.fixture
def read(folder, monkeypatch):
    """Return a function that reads one of the pages' configs, small."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv('XLEARNER_DATA', raising=False)

    def small(name: str) -> Config:
        cfg = load_config(f'configs/mine/{name}.py', {
            'train_dataloader.num_workers': 0,
            'train_cfg.max_iters': 2
        })
        shrink(cfg.sources)
        for source in cfg.sources:
            source.batch_size = source.val_batch_size = 2
            if source.val.type == 'CustomDataset':
                source.val.indices = 4
        for loop in ('val', 'test'):
            if cfg.get(f'{loop}_dataloader'):
                cfg[f'{loop}_dataloader'].num_workers = 0
        cfg.log_level = 'WARNING'
        return cfg

    return small


def train(cfg: Config, work_dir: Path) -> tuple[Runner, Recorder]:
    """Run a training of two iterations, one of each phase if it has two."""
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    if 'join_iter' in cfg.train_cfg:
        cfg.train_cfg.join_iter = 1
    runner, recorder = Runner.from_cfg(cfg), Recorder()
    runner.register_hook(recorder)
    runner.train()
    return runner, recorder


def check_sources(runner: Runner) -> None:
    """Every source has a loss, and its key metric a place in the average."""
    scalars = runner.message_hub.log_scalars
    total = 0
    for source in runner.cfg.sources:
        assert 0 < scalars[f'train/{source.name}.loss'].current() < 50
        score = scalars[f'val/{source.name}/{source.key_metric}'].current()
        total += score * source.get('key_metric_scale', 1.0)
    assert scalars['val/average/score'].current() == pytest.approx(
        total / len(runner.cfg.sources))


@pytest.mark.parametrize('name', [
    'xlearner-expansion_r50_mine-depth',
    'xlearner-expansion_r50_mine-masks-labels',
])
def test_the_expansion_passes_the_doctor_trains_and_validates(
        name, read, tmp_path):
    cfg = read(name)
    cfg.model.backbone.sub_backbone.update(NARROW)
    found = [f for f in examine(cfg) if f.level != 'ok']
    assert found == []
    runner, _ = train(cfg, tmp_path)
    check_sources(runner)


def test_the_squeeze_has_a_hint_of_the_added_task(read, tmp_path):
    expansion = read('xlearner-expansion_r50_mine-depth')
    expansion.model.backbone.sub_backbone.update(NARROW)
    expansion.val_cfg = expansion.val_dataloader = None
    expansion.val_evaluator = None
    train(expansion, tmp_path / 'expansion')
    cfg = read('xlearner-squeeze_r50_mine-depth')
    cfg.model.teacher.sub_backbone.update(NARROW)
    cfg.model.student.update(NARROW)
    cfg.model.teacher.init_cfg.checkpoint = str(tmp_path /
                                                'expansion/iter_2.pth')
    _, recorder = train(cfg, tmp_path / 'squeeze')
    assert recorder.losses[1]['flowers.depth_hint_loss'] > 0
