"""Trainings in processes of their own, and what they score."""
import json
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

from mmengine.config import Config

from ..errors import UserError
from ..sources import leave_unformatted


class Diverged(UserError):
    """The loss of a training is not finite."""


def share_batch(cfg: Config, processes: int) -> Config:
    """Return a config whose processes share its total training batch.

    The total is `auto_scale_lr.base_batch_size`, what the learning rate is
    for, or else one process's batch.

    Args:
        cfg: A config for MMEngine's runner.
        processes: How many there will be.

    Raises:
        UserError: The batch cannot be divided.
    """
    cfg = deepcopy(cfg)
    scaling = cfg.get('auto_scale_lr') or {}
    total = scaling.get('base_batch_size', cfg.train_dataloader.batch_size)
    if total % processes:
        raise UserError(f'{processes} processes cannot share a batch of '
                        f'{total} images; take a number that divides it')
    cfg.train_dataloader.batch_size = total // processes
    return cfg


def start(cfg: Config, folder: Path, processes: int = 1) -> dict[str, float]:
    """Train a config in processes of its own; return its metrics.

    Args:
        cfg: A config for MMEngine's runner, of ours or of upstream.
        folder: The work_dir.
        processes: One per GPU, or on the CPU; they share the config's total
            batch, so that their number does not change the protocol.

    Raises:
        Diverged: The loss is not finite.
        UserError: The training failed, or another one works in the folder.
    """
    metrics, diverged = folder / 'metrics.json', folder / 'diverged'
    for file in (metrics, diverged):
        file.unlink(missing_ok=True)
    cfg = share_batch(cfg, processes)
    leave_unformatted(cfg)
    cfg.dump(folder / 'config.py')
    launch = [] if processes == 1 else [
        '-m', 'torch.distributed.run', '--standalone', '--nproc_per_node',
        str(processes)
    ]
    launcher = [] if processes == 1 else ['--launcher', 'pytorch']
    command = [
        sys.executable, *launch, '-m', 'xlearner_mm.transfer.training',
        str(folder / 'config.py'), '--work-dir',
        str(folder), *launcher
    ]
    code = subprocess.run(command).returncode
    if diverged.exists():
        raise Diverged(f'{folder}: {diverged.read_text()}')
    if code or not metrics.exists():
        raise UserError(f'the training in {folder} failed with exit code '
                        f'{code}; its output is above, and in {folder}/*.log')
    return json.loads(metrics.read_text())


def score_of(metrics: Mapping[str, float], transfer: Mapping,
             where: Path) -> float:
    """Return a training's score in percent, higher is better.

    Args:
        metrics: What a validation gave.
        transfer: 'metric', a key of it, and 'scale', the factor to percent.
        where: The training's folder, for the message.

    Raises:
        UserError: There is no such metric.
    """
    if not metrics and transfer['metric'].startswith('coco/'):
        return 0.0  # nothing was detected
    if transfer['metric'] not in metrics:
        raise UserError(f"{where}: no metric {transfer['metric']!r} among "
                        f'{sorted(metrics)}; correct transfer.metric')
    return metrics[transfer['metric']] * transfer.get('scale', 1.0)
