"""What tools/doctor.py and tools/train.py say, and how they end."""
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.sources import leave_unformatted

ROOT = Path(__file__).resolve().parents[2]


def write(cfg: Config, file: Path) -> str:
    """Write a config with the scope that a launcher needs."""
    cfg.default_scope = 'xlearner_mm'
    cfg.custom_imports = dict(imports=['xlearner_mm'])
    leave_unformatted(cfg)
    cfg.dump(file)
    return str(file)


@pytest.fixture
def run(monkeypatch) -> Callable[..., int]:
    """Run a tool in this process; return its exit code."""

    def ran(name: str, *args: str) -> int:
        spec = importlib.util.spec_from_file_location(
            f'tool_{name}', ROOT / f'tools/{name}.py')
        tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tool)
        monkeypatch.setattr(sys, 'argv', [name, *args])
        try:
            tool.main()
        except SystemExit as stop:
            return int(stop.code)
        return 0

    return ran


def test_the_doctor_prints_a_page_and_exits_with_one(config, tmp_path, run,
                                                     spoil, capsys):
    spoil(config)
    assert run('doctor', write(config, tmp_path / 'a.py')) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith('a.py: 5 errors, 0 warnings')
    assert sum(line.startswith('error ') for line in lines) == 5
    assert len(lines) < 60


def test_the_doctor_exits_with_zero_when_all_is_well(config, tmp_path, run,
                                                     capsys):
    assert run('doctor', write(config, tmp_path / 'a.py')) == 0
    assert '0 errors, 0 warnings' in capsys.readouterr().out


@pytest.mark.parametrize('args, number', [([], 2), (['--world-size', '1'], 1)])
def test_the_doctor_takes_the_processes_of_the_name(config, tmp_path, run,
                                                    capsys, args, number):
    run('doctor', write(config, tmp_path / 'x_r18_2xb7-4_tiny.py'), *args)
    assert f'from {number} process' in capsys.readouterr().out


def test_a_training_with_errors_does_not_begin(config, tmp_path, run, spoil,
                                               capsys):
    spoil(config)
    file = write(config, tmp_path / 'a.py')
    assert run('train', file) == 1
    page = capsys.readouterr().err
    assert f'doctor: {file}: 5 errors, 0 warnings' in page
    assert '-> check data_root' in page and 'Traceback' not in page
    assert not Path(config.work_dir).exists()


def shorten(config: Config) -> None:
    """Leave one iteration and no validation."""
    config.val_dataloader = config.val_evaluator = config.val_cfg = None
    config.train_cfg.max_iters = 1
    config.train_cfg.join_iter = 0


def test_a_refusal_names_the_way_round_last(config, tmp_path, run, capsys,
                                            full_disk):
    shorten(config)
    file = write(config, tmp_path / 'a.py')
    assert run('train', file) == 1
    assert '--no-doctor' in capsys.readouterr().err.splitlines()[-1]
    assert run('train', file, '--no-doctor') == 0
    assert Path(config.work_dir, 'iter_1.pth').is_file()


def test_a_training_with_warnings_begins(config, tmp_path, run, capsys):
    shorten(config)
    assert run('train', write(config, tmp_path / 'x_2xb7-1.py')) == 0
    assert '0 errors, 1 warning' in capsys.readouterr().err
    assert Path(config.work_dir, 'iter_1.pth').is_file()


def test_of_two_processes_one_speaks_and_both_stop(config, tmp_path):
    config.sources[0].train.data_root = '/nowhere'
    file = write(config, tmp_path / 'a.py')
    end = subprocess.run([
        sys.executable, '-m', 'torch.distributed.run', '--standalone',
        '--nproc_per_node=2', ROOT / 'tools/train.py', file, '--launcher',
        'pytorch'
    ],
                         env=dict(
                             os.environ,
                             PYTHONPATH=str(ROOT),
                             OMP_NUM_THREADS='1'),
                         capture_output=True,
                         text=True)
    assert end.returncode
    assert end.stderr.count('no data_root at /nowhere') == 1
    assert 'a.py: 1 error, 0 warnings' in end.stderr
