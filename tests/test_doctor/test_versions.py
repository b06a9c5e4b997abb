"""The mm packages and their operators."""
import sys

import mmcv.ops
import pytest
from mmengine.config import Config

from xlearner_mm.doctor import examine, versions
from xlearner_mm.environment import installed_versions


def test_the_versions_are_told(config):
    found = examine(config)[0]
    assert (found.level, found.where) == ('ok', 'environment')
    for name, version in installed_versions().items():
        assert f'{name} {version}' in found.what


def test_operators_that_do_not_load_are_an_error(config, monkeypatch, only):
    monkeypatch.setitem(sys.modules, 'mmcv.ops', None)
    text = only(config)
    assert text.startswith('environment: the operators of mmcv do not load')
    assert text.endswith('make env')


@pytest.fixture
def no_cuda_in_mmcv(monkeypatch):
    """A GPU, and an mmcv that was built without CUDA."""
    monkeypatch.setattr(versions, 'get_device', lambda: 'cuda')
    monkeypatch.setattr(mmcv.ops, 'get_compiling_cuda_version',
                        lambda: 'not available')


def test_operators_without_cuda_are_an_error_of_detectors(
        config, no_cuda_in_mmcv, only):
    assert 'mmcv was built without CUDA' in only(config)


def test_operators_without_cuda_are_noticed_without_detectors(
        config, no_cuda_in_mmcv, only):
    del config.sources[1]
    assert 'mmcv was built without CUDA' in only(config, 'warning')


@pytest.mark.parametrize('cfg, level', [
    (dict(default_scope='mmdet'), 'error'),
    (dict(default_scope='mmpretrain'), 'warning'),
    (dict(model=dict(type='mmdet.DetDataPreprocessor')), 'error'),
    (dict(model=dict(type='DetDataPreprocessor', _scope_='mmdet')), 'error'),
])
def test_stock_detectors_are_known_by_scope_or_type(no_cuda_in_mmcv, only, cfg,
                                                    level):
    assert 'mmcv was built without CUDA' in only(Config(cfg), level)
