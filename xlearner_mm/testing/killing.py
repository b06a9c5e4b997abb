"""Jobs in processes that are killed at random points, for tests.

A fork server imports everything once and forks a process per job, which
costs a tenth of a second where a fresh interpreter takes ten.
"""
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver, get_context
from pathlib import Path
from unittest import mock

import torch

ROOT = str(Path(__file__).resolve().parents[2])
_PRELOADED = [
    'xlearner_mm.testing.killing', 'xlearner_mm.demo', 'mmdet.registry',
    'mmdet.datasets', 'mmdet.evaluation', 'mmdet.models',
    'mmpretrain.registry', 'mmpretrain.datasets', 'mmpretrain.evaluation',
    'mmpretrain.models', 'mmseg.registry', 'mmseg.datasets',
    'mmseg.evaluation', 'mmseg.models'
]
_CHANGES = ('os.rename', 'os.remove', 'os.mkdir', 'os.rmdir')


@dataclass(frozen=True)
class Cost:
    """How long an unbroken job is.

    Args:
        seconds: By the clock.
        operations: Files opened to write, renamed and removed, folders made.
    """

    seconds: float
    operations: int


@dataclass(frozen=True)
class Point:
    """When to kill: after so many seconds, or before the n-th operation."""

    seconds: float | None = None
    operation: int | None = None

    @classmethod
    def draw(cls, rng: random.Random, cost: Cost) -> 'Point':
        """Draw one, of either kind, within an unbroken job.

        Half of the points are file operations: a checkpoint takes a small
        part of the time, and is where something can be lost.
        """
        if rng.random() < 0.5:
            return cls(operation=rng.randint(1, cost.operations))
        return cls(seconds=rng.uniform(0, cost.seconds))


class ForkServer:
    """Runs jobs, each in a forked process with a group of its own.

    Args:
        root: Where the output of the jobs goes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.count = 0
        self.context = get_context('forkserver')
        self.context.set_forkserver_preload(_PRELOADED)
        with mock.patch.dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=ROOT):
            forkserver.ensure_running()

    def run(self, job: Callable, *args: object) -> Cost:
        """Run a job to its end.

        Raises:
            AssertionError: It fails; the message has its output.
        """
        process, told, output = self._start(None, job, args)
        process.join()
        assert process.exitcode == 0, output.read_text()[-3000:]
        return told.recv()

    def kill(self, point: Point, job: Callable, *args: object) -> bool:
        """Run a job, and kill it with all processes it has started.

        Returns:
            Whether it was still running.

        Raises:
            AssertionError: It failed before.
        """
        process, _, output = self._start(point.operation, job, args)
        process.join(point.seconds)
        if process.exitcode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
        assert process.exitcode in (0, -signal.SIGKILL), (
            output.read_text()[-3000:])
        return process.exitcode != 0

    def _start(self, last: int | None, job: Callable, args: tuple) -> tuple:
        """Start a job; once it begins, return process, pipe and output."""
        self.count += 1
        output = self.root / f'{self.count}.txt'
        told, tell = self.context.Pipe(duplex=False)
        process = self.context.Process(
            target=_work, args=(tell, output, last, job, args))
        process.start()
        tell.close()
        told.recv()
        return process, told, output


def _work(tell, output: Path, last: int | None, job: Callable,
          args: tuple) -> None:
    """Do a job in a group of processes of its own; tell what it cost."""
    os.setsid()
    with open(output, 'wb') as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    torch.set_num_threads(1)
    counter = _Counter(last)
    start = time.monotonic()
    tell.send('begins')
    sys.addaudithook(counter)
    job(*args)
    tell.send(Cost(time.monotonic() - start, counter.count))


class _Counter:
    """Counts file operations; kills the group of processes before the last.

    Args:
        last: Its number, counted from 1; None to count only.
    """

    def __init__(self, last: int | None) -> None:
        self.last, self.count = last, 0

    def __call__(self, event: str, args: tuple) -> None:
        writes = event == 'open' and (args[2] or 0) & os.O_ACCMODE
        if writes or event in _CHANGES:
            self.count += 1
            if self.count == self.last:
                os.killpg(0, signal.SIGKILL)
