"""Checkpoints that outlive a full disk, a crash and SIGTERM."""
import re
import signal
from collections.abc import Mapping
from logging import Logger
from pathlib import Path

import torch
from mmengine.dist import (all_reduce, all_reduce_params, barrier,
                           is_main_process)
from mmengine.hooks import CheckpointHook
from mmengine.runner import find_latest_checkpoint

from ... import sigterm
from ...checkpoint_files import Unreadable, load_from_file
from ...errors import UserError
from ...files import write_whole
from ...models.algorithms.sharded_data_parallel import saving
from ...registry import HOOKS


@HOOKS.register_module()
class DurableCheckpointHook(CheckpointHook):
    """MMEngine's CheckpointHook, for runs that are to survive faults.

    Ours, in place of what MMEngine does:

    - A checkpoint is on the disk, whole, before `last_checkpoint` names it
      and before an old one is removed.
    - A run that resumes by itself from a damaged last checkpoint goes on
      from the one before, and says so.
    - At SIGTERM it ends after the iteration, or the validation, with a
      checkpoint and with exit code 143. A run that counts epochs writes none,
      for it could not go on amid an epoch.

    Args:
        **kwargs: See MMEngine's CheckpointHook.
    """

    def __init__(self, **kwargs) -> None:
        if '://' not in str(kwargs.get('out_dir')):
            kwargs.setdefault('backend_args', dict(backend='whole'))
        super().__init__(**kwargs)

    def before_run(self, runner) -> None:
        """Let `last_checkpoint` name one that can be read.

        Raises:
            UserError: There is none.
        """
        if runner._resume and runner._load_from is None:
            if is_main_process():
                repair_last(
                    Path(runner.work_dir), self.filename_tmpl, runner.logger)
            barrier()

    def before_train(self, runner) -> None:
        """Remove what a killed run has left over; listen to SIGTERM."""
        super().before_train(runner)
        drafts = self.filename_tmpl.format('*') + '.tmp'
        for draft in Path(self.out_dir).glob(drafts):
            if is_main_process():
                draft.unlink()
        sigterm.listen()

    def after_train(self, runner) -> None:
        """Listen no more."""
        super().after_train(runner)
        sigterm.ignore()

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Save when it is time to, and stop when asked to."""
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        self._stop_if_asked(runner, runner.iter + 1)

    def after_val_epoch(self,
                        runner,
                        metrics: Mapping[str, float] | None = None) -> None:
        """Save the best, and stop when asked to."""
        super().after_val_epoch(runner, metrics)
        self._stop_if_asked(runner, runner.iter)

    def _stop_if_asked(self, runner, done: int) -> None:
        """End the process if one of all was asked to.

        Args:
            runner: The runner.
            done: Iterations that are done.
        """
        asked = torch.tensor(int(sigterm.asked()))
        all_reduce(asked, 'max')
        if not asked:
            return
        name = self.filename_tmpl.format(done)
        if not self.by_epoch and Path(self.last_ckpt or '').name != name:
            all_reduce_params(runner.model.buffers(), op='mean')
            self._save_checkpoint_with_step(
                runner, done, dict(epoch=runner.epoch, iter=done))
        barrier()  # launchers end the others when one has ended
        runner.logger.warning(
            f'SIGTERM: ended after iteration {done}; the last checkpoint is '
            f'{self.last_ckpt}, --resume goes on from it')
        raise SystemExit(128 + signal.SIGTERM)

    def _save_best_checkpoint(self, runner, metrics: dict) -> None:
        """Keep a checkpoint that is better than all before, if it is."""
        if self.save_best:
            with saving(runner):
                super()._save_best_checkpoint(runner, metrics)

    def _save_checkpoint_with_step(self, runner, step: int,
                                   meta: dict) -> None:
        """Write a checkpoint, and only then remove those too many.

        Args:
            runner: The runner.
            step: Iterations or epochs done, for the file's name.
            meta: What the checkpoint says of itself.

        Raises:
            UserError: It cannot be written; the ones before are intact.
        """
        surplus = self._note(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        try:
            with saving(runner):
                runner.save_checkpoint(
                    self.out_dir,
                    name,
                    self.file_client_args,
                    save_optimizer=self.save_optimizer,
                    save_param_scheduler=self.save_param_scheduler,
                    meta=meta,
                    by_epoch=self.by_epoch,
                    backend_args=self.backend_args,
                    **self.args)
            if is_main_process():
                write_whole(
                    Path(runner.work_dir, 'last_checkpoint'),
                    self.last_ckpt.encode())
        except OSError as error:
            before = find_latest_checkpoint(runner.work_dir)
            raise UserError(
                f'{self.last_ckpt} cannot be written: {error}; the last '
                f'checkpoint is {before}. Free some space, then resume'
            ) from error
        for old in surplus if is_main_process() else ():
            file = self.file_backend.join_path(self.out_dir,
                                               self.filename_tmpl.format(old))
            if self.file_backend.isfile(file):
                self.file_backend.remove(file)

    def _note(self, runner, step: int) -> list[int]:
        """Note that a checkpoint is kept; return those that need not be.

        The checkpoint itself still lists these: should the run be killed
        before it removes them, the resumed one does.
        """
        if self.max_keep_ckpts <= 0:
            return []
        kept = [s for s in self.keep_ckpt_ids if s != step] + [step]
        self.keep_ckpt_ids.clear()
        self.keep_ckpt_ids.extend(kept)  # holds so many, the last ones
        runner.message_hub.update_info('keep_ckpt_ids', kept)
        return kept[:-self.max_keep_ckpts]


def repair_last(work_dir: Path, template: str, logger: Logger) -> None:
    """Let `last_checkpoint` name the last checkpoint that can be read.

    Args:
        work_dir: Folder of the run.
        template: Of a checkpoint's name, e.g. 'iter_{}.pth'.
        logger: Told which files are passed over.

    Raises:
        UserError: There are checkpoints, but none can be read.
    """
    note = work_dir / 'last_checkpoint'
    if not note.is_file():
        return
    last = Path(note.read_text().strip() or work_dir / template.format('none'))
    number = re.compile(re.escape(template).replace(r'\{\}', r'(\d+)'))
    found = {
        int(match[1]): file
        for file in last.parent.glob(template.format('*'))
        if (match := number.fullmatch(file.name))
    }
    named = number.fullmatch(last.name)
    before = [
        file for k, file in sorted(found.items(), reverse=True)
        if not named or k < int(named[1])
    ]
    for file in [last, *before]:
        try:
            load_from_file(file, 'cpu')
        except (Unreadable, FileNotFoundError) as error:
            logger.warning(f'{error}; trying the checkpoint before')
            continue
        if file != last:
            logger.warning(f'resuming from {file} in place of {last}')
            write_whole(note, str(file).encode())
        return
    raise UserError(f'{note} names {last}, and neither it nor one before can '
                    'be read; start anew in another work_dir')
