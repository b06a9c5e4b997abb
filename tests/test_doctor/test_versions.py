"""The mm packages and their operators."""
import sys

from xlearner_mm.doctor import examine
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
