"""Files written whole, and folders for one process alone."""
import resource
import runpy
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.apis import write_pseudo_labels
from xlearner_mm.errors import UserError
from xlearner_mm.files import alone_in, write_whole
from xlearner_mm.testing import tiny
from xlearner_mm.testing.students import write_student

TRAIN = Path(__file__).resolve().parents[1] / 'tools/train.py'


@pytest.fixture
def small_files():
    """Let no file grow beyond 100 kB, as if the disk was full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, small_files):
    file = tmp_path / 'x'
    write_whole(file, b'old')
    with pytest.raises(OSError):
        write_whole(file, bytes(100_001))
    assert file.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [file]
    write_whole(file, b'new')
    assert file.read_bytes() == b'new'


def test_a_folder_belongs_to_one_process_at_a_time(tmp_path):
    with alone_in(tmp_path):
        with pytest.raises(UserError, match='another process works in'):
            with alone_in(tmp_path):
                pass
    with alone_in(tmp_path):
        pass


@pytest.mark.parametrize('rank',
                         ['RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK'])
def test_the_other_ranks_of_a_run_are_let_in(tmp_path, monkeypatch, rank):
    with alone_in(tmp_path):
        monkeypatch.setenv(rank, '1')
        with alone_in(tmp_path):
            pass


def test_a_second_run_in_a_work_dir_is_refused(sources, tmp_path, monkeypatch):
    cfg = tiny.run_config(sources, tmp_path / 'run')
    Config(cfg, format_python_code=False).dump(tmp_path / 'config.py')
    monkeypatch.setattr('sys.argv', ['train.py', str(tmp_path / 'config.py')])
    with alone_in(tmp_path / 'run'):
        with pytest.raises(UserError, match='another process works in .*run'):
            runpy.run_path(str(TRAIN))['main']()
    assert [f.name for f in (tmp_path / 'run').iterdir()] == ['lock']


def test_labels_are_written_by_one_process_at_a_time(sources, tmp_path):
    cfg = write_student(sources, tmp_path)
    with alone_in(tmp_path / 'labels'):
        with pytest.raises(UserError, match='another process works in'):
            write_pseudo_labels(cfg)
