"""Run a config in a process of its own: `run_stage.py CONFIG OUT [EVENT]`.

Writes '<OUT>_<rank>.pth' with the losses and all that training changes; the
event 'kill:7' kills the process in the seventh iteration of the run, 'lose:7'
the last rank alone, 'term:2' sends SIGTERM to it in the second, 'nan:2' spoils
the weights of rank 1 before iteration 2.
"""
import os
import signal
import sys
from functools import partial

import torch
from mmengine.dist import get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from xlearner_mm.apis.cli import runner_config, runner_parser
from xlearner_mm.testing.runs import Recorder


class Send(Hook):
    """Send a signal to the process, before any checkpoint.

    Args:
        number: The signal; no handler notices SIGKILL.
        at: Iterations done, counted from 1.
        last_rank: Whether the last rank alone gets it.
    """

    priority = 'VERY_HIGH'

    def __init__(self, number: int, at: int, last_rank: bool = False) -> None:
        self.number, self.at, self.last_rank = number, at, last_rank

    def after_train_iter(self,
                         runner,
                         batch_idx,
                         data_batch=None,
                         outputs=None) -> None:
        meant = not self.last_rank or get_rank() == get_world_size() - 1
        if batch_idx + 1 == self.at and meant:
            os.kill(os.getpid(), self.number)


class Spoil(Hook):
    """Make the loss of rank 1, and of no other, not a number."""

    def __init__(self, at: int) -> None:
        self.at = at

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if batch_idx == self.at and get_rank() == 1:
            next(runner.model.parameters()).data.fill_(float('nan'))


def main(config: str, out: str, event: str = '') -> None:
    torch.set_num_threads(1)
    launcher = 'pytorch' if 'RANK' in os.environ else 'none'
    args = runner_parser('').parse_args([config, '--launcher', launcher])
    runner = Runner.from_cfg(runner_config(args))
    recorder = Recorder()
    runner.register_hook(recorder)
    if event:
        kind, at = event.split(':')
        hooks = dict(
            kill=partial(Send, signal.SIGKILL),
            lose=partial(Send, signal.SIGKILL, last_rank=True),
            term=partial(Send, signal.SIGTERM, last_rank=True),
            nan=Spoil)
        runner.register_hook(hooks[kind](int(at)))
    runner.train()
    model = runner.model
    held = sum(p.numel() for p in model.parameters())
    model = model.module if is_model_wrapper(model) else model
    torch.save(
        dict(
            losses=recorder.losses,
            held=held,
            model=model.state_dict(),
            optimizer=runner.optim_wrapper.state_dict()),
        f'{out}_{get_rank()}.pth')


if __name__ == '__main__':
    main(*sys.argv[1:])
