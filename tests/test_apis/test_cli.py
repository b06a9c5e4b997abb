"""Options of the tools: one list of sources, errors without traceback."""
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.apis import load_config, run_tool
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny

TRAIN = Path(__file__).resolve().parents[2] / 'tools/train.py'


@pytest.fixture
def config(tmp_path):
    cfg = tiny.run_config([tiny.cls_source(tmp_path)], tmp_path / 'run')
    Config(cfg, format_python_code=False).dump(tmp_path / 'config.py')
    return str(tmp_path / 'config.py')


def test_an_option_on_a_source_reaches_every_part(config):
    cfg = load_config(config, {'sources.0.batch_size': 5})
    for part in (cfg, cfg.model, cfg.train_dataloader):
        assert part.sources[0].batch_size == 5


def test_an_option_on_a_copy_of_the_sources_is_refused(config):
    with pytest.raises(UserError, match=r'use sources\.0\.batch_size'):
        load_config(config, {'model.sources.0.batch_size': 5})


def test_data_root_stands_for_the_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv('XLEARNER_DATA', 'elsewhere')
    (tmp_path / 'c.py').write_text("path = '{{$XLEARNER_DATA:data}}/x'\n")
    assert load_config(str(tmp_path / 'c.py'),
                       dict(data_root='here')).path == 'here/x'


def test_a_users_mistake_is_told_with_its_place_and_remedy(config):
    done = subprocess.run([
        sys.executable,
        str(TRAIN), config, '--cfg-options', 'sources.0.batch_size=0'
    ],
                          capture_output=True,
                          text=True,
                          cwd=TRAIN.parents[1],
                          env=dict(
                              PYTHONPATH=str(TRAIN.parents[1]),
                              PATH='/usr/bin:/bin',
                              OMP_NUM_THREADS='1'))
    assert done.returncode == 1
    assert 'Traceback' not in done.stderr
    what, remedy, *_ = done.stderr[done.stderr.index('error '):].splitlines()
    assert "source 'animals': batch_size=0" in what
    assert remedy.lstrip().startswith('-> give a whole number')


def stopped_by(error: Exception) -> str:
    """Return what a program says that ends with an exception."""

    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as stop:
        run_tool(main)
    return str(stop.value)


@pytest.fixture
def command(monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['tools/train.py', 'configs/my run.py'])


def test_an_error_names_the_config_and_the_versions(command):
    text, config, versions = stopped_by(UserError('no x; give x')).splitlines()
    assert text == 'error: no x; give x'
    assert config == "  in: tools/train.py 'configs/my run.py'"
    for name in ('xlearner_mm', 'torch', 'mmengine', 'mmpretrain', 'Python'):
        assert re.search(rf'{name} \d+\.\d+', versions)


def test_a_crash_keeps_its_traceback_and_names_the_same(command, capsys):
    config, versions = stopped_by(KeyError('a bug')).splitlines()
    assert "KeyError: 'a bug'" in capsys.readouterr().err
    assert config.startswith('  in: tools/train.py')
    assert versions.startswith('  with: xlearner_mm ')
