"""Stages that run once, go on where they were, and remember their result."""
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner, find_latest_checkpoint

from ..sources import leave_unformatted


class Stage:
    """A step of the demo with a folder of its own.

    The folder remembers what the step was made from; made from something
    else, it starts anew. An interrupted step goes on.

    Args:
        name: Name of the folder.
        root: Where the folder lies.
        *inputs: What the result depends on, e.g. the config's content and the
            digests of earlier stages.
    """

    def __init__(self, name: str, root: Path, *inputs: object) -> None:
        self.name = name
        self.folder = root / name
        self.digest = hashlib.sha256(repr(inputs).encode()).hexdigest()
        mark = self.folder / 'digest'
        if self.folder.exists() and (not mark.exists()
                                     or mark.read_text() != self.digest):
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(self.digest)

    def run(self, work: Callable[[Path], dict]) -> dict:
        """Return the result of `work(folder)`, from the folder if it is there.

        Args:
            work: Gives a dictionary that JSON can hold.

        Returns:
            The result, with 'seconds' spent on it in all attempts.
        """
        result = self.folder / 'result.json'
        if result.exists():
            return json.loads(result.read_text())
        clock = self.folder / 'seconds'
        before = float(clock.read_text()) if clock.exists() else 0.0
        start = time.time()
        try:
            found = work(self.folder)
        finally:
            seconds = before + time.time() - start
            clock.write_text(str(seconds))
        draft = result.with_suffix('.tmp')
        draft.write_text(json.dumps(dict(found, seconds=seconds), indent=2))
        draft.replace(result)
        return json.loads(result.read_text())


def train(cfg: Config, folder: Path) -> dict:
    """Train a config to its end, from its last checkpoint where there is one.

    Args:
        cfg: A config for MMEngine's runner, of ours or of upstream.
        folder: The work_dir.

    Returns:
        'checkpoint', and 'metrics' of the config's validation, which runs
        once at the end.
    """
    cfg = cfg.copy()
    leave_unformatted(cfg)
    cfg.work_dir = str(folder)
    cfg.experiment_name = f'{folder.name}_{time.time():.0f}'
    cfg.resume = find_latest_checkpoint(str(folder)) is not None
    if 'val_cfg' in cfg:  # at the end, also after an interruption there
        cfg.train_cfg.val_begin = cfg.train_cfg.max_iters + 1
    runner = Runner.from_cfg(cfg)
    runner.train()
    metrics = runner.val_loop.run() if 'val_cfg' in cfg else {}
    return dict(
        checkpoint=find_latest_checkpoint(str(folder)),
        metrics={
            k: float(v)
            for k, v in metrics.items()
        })
