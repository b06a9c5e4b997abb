"""Transfer of several backbones to the tasks of a suite (paper Sec. 4.2)."""
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mmengine.config import Config

from ..apis import write_backbone
from ..errors import UserError
from .launching import score_of, start
from .lr_search import search, shortened
from .probing import probe
from .stages import Stage, digest
from .suite import Suite, Task, missing_data, neck_note, task_config


@dataclass(frozen=True)
class Transfer:
    """Runs a suite below one folder; what is done is not repeated.

    Args:
        suite: The tasks.
        root: Where the runs, features and the report go.
        data_root: The datasets' folder.
        processes: Of each fine-tuning.
        num_workers: Loader processes of the linear probes.
        amp: Mixed precision of the probes' features, see
            :func:`pooled_features`.
        scale: Factor of all fine-tunings' length; small ones only show that
            everything runs.
        necks: Pre-trained FPNs by the checkpoint's name, for the tasks that
            can take one.
        out_tasks: Of expanded networks, the tasks whose features are
            transferred, by the checkpoint's name; all where absent, see
            :func:`write_backbone`.
        seed: Of the fine-tunings.
    """

    suite: Suite
    root: Path
    data_root: Path
    processes: int = 1
    num_workers: int = 0
    amp: str | None = None
    scale: float = 1.0
    necks: Mapping[str, str] = field(default_factory=dict)
    out_tasks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seed: int = 0

    def run(self, checkpoints: Mapping[str, str]) -> list[dict]:
        """Transfer each backbone to each task.

        A task that lacks its data or fails does not stop the others.

        Args:
            checkpoints: Files by name, of any kind that
                :func:`write_backbone` reads.

        Returns:
            A row for each pair: 'checkpoint', 'task', 'title', 'status'
            ('done', 'no data', 'failed'), 'score' in percent or None,
            'seconds', 'detail', 'note' (for the table).

        Raises:
            UserError: A checkpoint cannot be read.
        """
        rows = []
        files = {n: self.root / n / 'backbone.pth' for n in checkpoints}
        for name, file in files.items():
            write_backbone(checkpoints[name], file, self.out_tasks.get(name))
        for name, file in files.items():
            for task in self.suite.tasks:
                print(f'== {name}: {task.title}', flush=True)
                row = self.attempt(task, file)
                print(f'== {name}: {task.title}: {describe(row)}', flush=True)
                rows.append(dict(checkpoint=name, **row))
        return rows

    def attempt(self, task: Task, backbone: Path) -> dict:
        """Run one task for one backbone; return its row."""
        row = dict(
            task=task.name,
            title=task.title,
            status='failed',
            score=None,
            seconds=0.0,
            detail='',
            note='')
        try:
            return dict(row, **self.stage(task, backbone))
        except UserError as error:
            # A loader's worker puts its traceback before the message.
            return dict(row, detail=str(error).split('UserError: ')[-1])
        except Exception as error:  # one task must not stop the others
            traceback.print_exc()
            return dict(row, detail=f'{type(error).__name__}: {error}')

    def stage(self, task: Task, backbone: Path) -> dict:
        """Run one task, or find what it gave; return its part of the row."""
        neck = self.necks.get(backbone.parent.name)
        cfg = task_config(task, self.suite, self.data_root, str(backbone),
                          neck)
        cfg.randomness = dict(seed=self.seed)
        lacking = missing_data(cfg.transfer, self.data_root)
        if lacking:
            return dict(status='no data', detail=lacking)
        made_from = ([self.amp]
                     if 'splits' in cfg else [self.suite.search, self.scale])
        files = [backbone, *([Path(neck)] if neck else [])]
        stage = Stage(backbone.parent / task.name, cfg.to_dict(),
                      [digest(file) for file in files], made_from)
        found = stage.run(lambda folder: self.work(cfg, folder, backbone))
        return dict(found, status='done', note=neck_note(cfg))

    def work(self, cfg: Config, folder: Path, backbone: Path) -> dict:
        """Run one task; return its score, and how it was reached."""
        if 'splits' in cfg:
            result = probe(
                cfg,
                backbone.parent / 'features',
                amp=self.amp,
                num_workers=self.num_workers)
            how = f'lambda {result.l2_strength:.1e}' + ('' if result.converged
                                                        else ', not converged')
            return dict(score=result.score, detail=how)
        cfg = shortened(cfg, self.scale)
        if self.suite.search:
            found = search(cfg, folder,
                           partial(start, processes=self.processes),
                           **self.suite.search)
            return dict(
                score=found['score'],
                detail=f'{found["optimizer"]}, lr {found["lr"]:.2g}',
                trials=found['trials'])
        metrics = start(cfg, folder, self.processes)
        optimizer = cfg.optim_wrapper.optimizer
        return dict(
            score=score_of(metrics, cfg.transfer, folder),
            detail=f'{optimizer.type}, lr {optimizer.lr:g}')


def named_files(texts: Sequence[str]) -> dict[str, str]:
    """Return files by name, of texts FILE (the name is its stem) or NAME=FILE.

    Raises:
        UserError: Two have one name, or a name holds a slash.

    Example:
        >>> named_files(['a/rsb.pth', 'ours=b.pth'])
        {'rsb': 'a/rsb.pth', 'ours': 'b.pth'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, file = text.partition('=')
        if not equals or Path(text).is_file():
            name, file = Path(text).stem, text
        if name in found or '/' in name:
            raise UserError(f'{text}: the name {name!r} is taken or holds a '
                            f'slash; name the file: NAME={file}')
        found[name] = file
    return found


def describe(row: Mapping) -> str:
    """Say in a few words how a task went."""
    if row['status'] != 'done':
        return f'{row["status"]}: {row["detail"]}'
    return f'{row["score"]:.1f} ({row["detail"]}; {row["seconds"]:.0f} s)'
