"""Checkpoints after a full disk, a damaged file and SIGTERM."""
import os
import resource
import signal
import subprocess
import sys
import time
from copy import deepcopy
from multiprocessing import get_context
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook

from xlearner_mm.checkpoint_files import load_from_file
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train

ROOT = Path(__file__).resolve().parents[2]
K = 4


@pytest.fixture
def cfg(sources, tmp_path):
    """A run of K iterations, with a checkpoint after each."""
    return tiny.run_config(sources, tmp_path / 'run', K)


@pytest.fixture(scope='module')
def unbroken(written_sources, tmp_path_factory):
    """What the run is in the end."""
    folder = tmp_path_factory.mktemp('unbroken')
    cfg = tiny.run_config(deepcopy(written_sources), folder, K)
    return state_of(train(cfg)[0])


def names(work_dir: str | Path) -> set[str]:
    """List the checkpoints, and what else there is of them."""
    return {file.name for file in Path(work_dir).glob('iter_*')}


def last(work_dir: str | Path) -> str:
    return Path(Path(work_dir, 'last_checkpoint').read_text()).name


@pytest.mark.parametrize('keep', [1, 2])
def test_so_many_checkpoints_are_kept(cfg, keep):
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = keep
    train(deepcopy(cfg), 3)
    train(cfg, resume=True)
    assert names(
        cfg['work_dir']) == {'iter_3.pth', 'iter_4.pth'
                             } - ({'iter_3.pth'} if keep == 1 else set())
    assert last(cfg['work_dir']) == 'iter_4.pth'


def test_what_a_kill_left_over_is_removed_by_the_resumed_run(cfg):
    """Killed before it removed iter_2.pth, and once amid iter_9.pth."""
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = 1
    train(deepcopy(cfg), 3)
    content = Path(cfg['work_dir'], 'iter_3.pth').read_bytes()
    for name in ('iter_2.pth', 'iter_9.pth.tmp'):
        Path(cfg['work_dir'], name).write_bytes(content)
    build_runner(deepcopy(cfg), resume=True).train()
    assert names(cfg['work_dir']) == {'iter_4.pth'}


def test_a_full_disk_leaves_the_last_checkpoint_which_resumes(cfg, unbroken):
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = 1
    train(deepcopy(cfg), 2)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(cfg['work_dir'], 'iter_2.pth').stat().st_size
    # No two checkpoints are of exactly one size; logs are far smaller.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, before[1]))
    try:
        with pytest.raises(UserError) as error:
            train(deepcopy(cfg), resume=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert 'iter_3.pth cannot be written' in str(error.value)
    assert f"last checkpoint is {cfg['work_dir']}/iter_2.pth" in str(
        error.value)
    assert names(cfg['work_dir']) == {'iter_2.pth'}
    assert last(cfg['work_dir']) == 'iter_2.pth'
    runner, losses = train(cfg, resume=True)
    assert list(losses) == [2, 3]
    assert not list(differences(state_of(runner), unbroken))


def cut(file: Path) -> None:
    """Lose the second half of a file."""
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])


def test_a_truncated_last_checkpoint_falls_back_to_the_one_before(
        cfg, unbroken):
    work_dir = Path(cfg['work_dir'])
    train(deepcopy(cfg), 3)
    cut(work_dir / 'iter_3.pth')
    runner, losses = train(cfg, resume=True)
    assert list(losses) == [2, 3]
    assert not list(differences(state_of(runner), unbroken))
    log = Path(runner.log_dir, f'{runner.timestamp}.log').read_text()
    assert f'{work_dir}/iter_3.pth is damaged' in log
    assert f'resuming from {work_dir}/iter_2.pth in place of ' in log
    load_from_file(work_dir / 'iter_3.pth')  # written anew


def test_an_empty_last_checkpoint_file_is_repaired(cfg, unbroken):
    train(deepcopy(cfg), 3)
    Path(cfg['work_dir'], 'last_checkpoint').write_text('')
    runner, losses = train(cfg, resume=True)
    assert list(losses) == [3]
    assert not list(differences(state_of(runner), unbroken))


def test_without_any_readable_checkpoint_a_resume_is_refused(cfg):
    train(deepcopy(cfg), 2)
    for file in Path(cfg['work_dir']).glob('iter_*.pth'):
        cut(file)
    with pytest.raises(UserError, match='iter_2.pth, and neither it nor one'):
        train(cfg, resume=True)


def test_sigterm_writes_a_checkpoint_that_resumes_as_the_unbroken(
        sources, tmp_path):
    """Sent to the loader's worker too, as `scancel` does."""
    cfg = tiny.run_config(sources, tmp_path / 'run', 10_000)
    cfg['train_dataloader']['num_workers'] = 1
    cfg['default_hooks']['checkpoint']['interval'] = 3
    cfg['param_scheduler'] = dict(type='LinearLR', by_epoch=False, end=10_000)
    text = Config(cfg, format_python_code=False).pretty_text
    (tmp_path / 'config.py').write_text(text)
    with subprocess.Popen(
        [sys.executable, ROOT / 'tools/train.py', tmp_path / 'config.py'],
            env=dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1'),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True) as process:
        while not (tmp_path / 'run/last_checkpoint').exists():
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    done = int(last(tmp_path / 'run')[len('iter_'):-len('.pth')])
    cfg['log_level'] = 'WARNING'
    resumed, losses = train(deepcopy(cfg), done + 2, resume=True)
    assert list(losses) == [done, done + 1]
    whole, _ = train(cfg, done + 2, work_dir=str(tmp_path / 'whole'))
    assert not list(differences(state_of(resumed), state_of(whole)))


def test_a_worker_that_is_told_to_end_ends(cfg):
    """As mmdet's VOCMetric tells its pool, within a training."""
    codes = []

    class Fork(Hook):

        def after_train_iter(self, runner, *args, **kwargs) -> None:
            worker = get_context('fork').Process(
                target=time.sleep, args=(60, ))
            worker.start()
            worker.terminate()
            worker.join()
            codes.append(worker.exitcode)
            worker.kill()

    runner = build_runner(cfg)
    runner.register_hook(Fork())
    runner.train()
    assert codes and set(codes) == {-signal.SIGTERM}


@pytest.mark.smoke
def test_sigterm_at_one_rank_ends_all_with_one_checkpoint(sources, tmp_path):
    cfg = tiny.run_config(sources, tmp_path / 'run', 100)
    cfg['default_hooks']['checkpoint']['interval'] = 50
    text = Config(cfg, format_python_code=False).pretty_text
    (tmp_path / 'config.py').write_text(text)
    done = subprocess.run([
        sys.executable, '-m', 'torch.distributed.run', '--standalone',
        '--nproc-per-node=2', ROOT / 'tests/test_engine/run_stage.py',
        tmp_path / 'config.py', tmp_path / 'out', 'term:3'
    ],
                          env=dict(
                              os.environ,
                              PYTHONPATH=str(ROOT),
                              OMP_NUM_THREADS='1'),
                          capture_output=True,
                          text=True)
    assert done.returncode != 0
    assert 'exitcode  : 143' in done.stderr, done.stderr[-3000:]
    assert names(tmp_path / 'run') == {'iter_3.pth'}
    runner, losses = train(cfg, 4, resume=True)
    assert list(losses) == [3]
