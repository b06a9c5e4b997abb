"""A loader's worker is killed, or told to end by others than its owner."""
import os
import signal
import subprocess
import time
from copy import deepcopy
from multiprocessing import active_children
from pathlib import Path

import pytest
from mmengine.hooks import Hook
from mmengine.registry import TRANSFORMS
from torch.utils.data import get_worker_info

from xlearner_mm.apis import write_pseudo_labels
from xlearner_mm.datasets import build_train_loader
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train
from xlearner_mm.testing.students import write_student

K = 4


class KillWorker(Hook):
    """Kill a worker in iteration `at` of training or of validation."""

    def __init__(self, mode: str, at: int) -> None:
        self.mode, self.at = mode, at

    def _before_iter(self,
                     runner,
                     batch_idx: int,
                     data_batch: dict | None = None,
                     mode: str = 'train') -> None:
        if (mode, batch_idx) == (self.mode, self.at):
            os.kill(active_children()[-1].pid, signal.SIGKILL)
            time.sleep(60)  # torch breaks in


def config(sources: list[dict], work_dir, workers: int) -> dict:
    """Config of a run that is validated after the second iteration."""
    loading = dict(sources=sources, num_workers=workers)
    cfg = tiny.run_config(
        sources,
        work_dir,
        K,
        train_dataloader=loading,
        val_dataloader=deepcopy(loading),
        val_evaluator=dict(sources=sources),
        val_cfg=dict(type='MultiSourceValLoop'))
    cfg['train_cfg']['val_interval'] = 2
    return cfg


@pytest.mark.parametrize('mode, at, done', [('train', 3, 3), ('val', 1, 2)])
def test_a_killed_worker_stops_the_run_which_resumes(sources, tmp_path, mode,
                                                     at, done):
    cfg = config(sources, tmp_path / 'run', workers=1)
    runner = build_runner(deepcopy(cfg))
    runner.register_hook(KillWorker(mode, at))
    with pytest.raises(
            UserError,
            match=r'worker \(pid \d+\) is killed by signal: Killed. Mostly '
            r'(.|\n)*lower num_workers (.|\n)*resume'):
        runner.train()
    resumed, losses = train(deepcopy(cfg), resume=True)
    assert list(losses) == list(range(done, K))
    whole = config(sources, tmp_path / 'whole', workers=0)
    assert not list(differences(state_of(resumed), state_of(train(whole)[0])))


@TRANSFORMS.register_module()
class DieOnce:
    """Kill the worker that loads the first image; note it in a file."""

    def __init__(self, note: str) -> None:
        self.note = Path(note)

    def __call__(self, results: dict) -> dict:
        if get_worker_info() and not self.note.exists():
            self.note.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return results


def test_a_killed_worker_stops_the_labelling_which_goes_on(sources, tmp_path):
    sources[0]['val']['pipeline'].insert(
        1, dict(type='DieOnce', note=str(tmp_path / 'note')))
    cfg = write_student(sources[:1], tmp_path)
    cfg.val_dataloader = dict(num_workers=1)
    with pytest.raises(UserError, match='lower num_workers'):
        write_pseudo_labels(cfg)
    assert write_pseudo_labels(cfg)['animals']['images'] == 5


def test_other_errors_stay_as_they_are(sources, tmp_path):

    class Fail(Hook):

        def before_train_iter(self, *args, **kwargs) -> None:
            raise RuntimeError('of a model')

    runner = build_runner(config(sources, tmp_path / 'run', workers=0))
    runner.register_hook(Fail())
    with pytest.raises(RuntimeError, match='^of a model$'):
        runner.train()


def test_a_worker_outlives_a_sigterm_of_others_and_obeys_its_owner(sources):
    loader = build_train_loader(sources, max_iters=9, num_workers=1)
    batches = iter(loader)
    next(batches)
    worker, = active_children()
    subprocess.run(['kill', str(worker.pid)], check=True)
    for _ in range(7):  # more than were loaded ahead
        next(batches)
    assert worker.is_alive()
    worker.terminate()
    worker.join()
    assert worker.exitcode == 0


def test_a_worker_ends_soon_after_its_owner(sources):
    """Though a launcher's SIGTERM does not end it."""
    read, write = os.pipe()
    owner = os.fork()
    if not owner:
        try:
            os.close(read)
            batches = iter(build_train_loader(sources, 9, num_workers=1))
            next(batches)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    os.waitpid(owner, 0)
    assert os.read(read, 1) == b''  # no process has the other end any more
