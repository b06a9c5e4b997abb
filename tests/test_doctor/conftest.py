"""A sound config, which each test spoils in its own way."""
import shutil

import pytest
from mmengine.config import Config

from xlearner_mm.doctor import Finding, examine
from xlearner_mm.sources import share_sources
from xlearner_mm.testing import tiny


@pytest.fixture
def config(sources, tmp_path):
    """Config of an expansion with validation over the tiny sources."""
    loop = dict(sources=sources)
    return Config(
        tiny.run_config(
            sources,
            tmp_path / 'run',
            val_dataloader=dict(loop),
            val_evaluator=dict(loop),
            val_cfg=dict(type='MultiSourceValLoop')))


@pytest.fixture
def find():
    """Examine a config; return its errors and warnings."""

    def examined(cfg: Config, **kwargs: int) -> list[Finding]:
        share_sources(cfg)
        return [f for f in examine(cfg, **kwargs) if f.level != 'ok']

    return examined


@pytest.fixture
def only(find):
    """Examine a config; return the one thing that is wrong with it."""

    def examined(cfg: Config, level: str = 'error', **kwargs: int) -> str:
        finding, = find(cfg, **kwargs)
        assert finding.level == level
        return str(finding)

    return examined


@pytest.fixture
def spoil():
    """Make a mistake of each of four kinds in a config."""

    def spoiled(cfg: Config) -> None:
        cfg.sources[0].train.data_root = '/nowhere'
        cfg.sources[1].model.bbox_head.num_classes = 1
        cfg.sources[2].model.decode_head.type = 'NoSuchHead'
        cfg.train_cfg.type = 'NoSuchLoop'
        share_sources(cfg)

    return spoiled


@pytest.fixture
def full_disk(monkeypatch):
    """Leave 10 bytes free on every disk, as the system tells it."""
    monkeypatch.setattr(
        shutil, 'disk_usage',
        lambda folder: shutil._ntuple_diskusage(total=1000, used=990, free=10))
