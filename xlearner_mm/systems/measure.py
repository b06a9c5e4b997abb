"""What one system reaches: on its sources, and transferred."""
from pathlib import Path

import torch

from ..errors import UserError
from ..models.pruners import without_masks
from ..transfer import Suite, Transfer
from .chain import Chain, Run
from .table import System

_BUFFERS = ('running_mean', 'running_var', 'num_batches_tracked')
_SUITE = 'downstream/suites/demo.py'


def measure(system: System,
            chain: Chain,
            data_root: Path,
            name: str,
            scale: float = 1.0) -> dict:
    """Pre-train and transfer one system, or find what that gave.

    Args:
        system: The system.
        chain: Trains its runs.
        data_root: The demo's data.
        name: Of its folder below `transfer` in the chain's root.
        scale: Factor of the transfers' iterations.

    Returns:
        'method', 'source_metrics' and 'transfer' (percent), 'params' of the
        transferred network, 'images_seen' by it and the networks it was made
        of, 'teacher_images' by those that only taught them, 'seconds' of the
        pre-training, 'transfer_seconds'.

    Raises:
        UserError: A transfer failed.
    """
    last = chain.run(system.config)
    runs = last.chain()
    own = [run for run in runs if not is_teacher(run)]
    chain.say(f'transfer of {system.config}')
    transfers = transfer(chain, data_root, name, last.checkpoint, scale)
    return dict(
        method=system.title,
        source_metrics=source_scores(runs),
        transfer={r['task']: r['score']
                  for r in transfers},
        params=num_parameters(chain.root / 'transfer' / name / 'backbone.pth'),
        images_seen=sum(run.images for run in own),
        teacher_images=sum(run.images for run in runs if is_teacher(run)),
        seconds=sum(run.seconds for run in runs),
        transfer_seconds=sum(r['seconds'] for r in transfers))


def transfer(chain: Chain, data_root: Path, name: str, checkpoint: str,
             scale: float) -> list[dict]:
    """Transfer a network to the demo's held-out sets.

    Raises:
        UserError: A transfer failed.
    """
    suite = Suite.from_file(chain.config_dir.parent / _SUITE)
    rows = Transfer(
        suite,
        chain.root / 'transfer',
        data_root,
        scale=scale,
        seed=chain.seed).run({name: checkpoint})
    for row in rows:
        if row['status'] != 'done':
            raise UserError(f'{name}, {row["task"]}: {row["detail"]}')
    return rows


def is_teacher(run: Run) -> bool:
    """Tell whether a run's network only teaches others."""
    return run.name.startswith('single-source-')


def num_parameters(backbone_file: Path) -> int:
    """Count a backbone's parameters, of convolutions those that are not zero.

    Pruning leaves zeros.
    """
    state = without_masks(torch.load(backbone_file, weights_only=True))
    return sum(
        int(v.count_nonzero()) if v.ndim == 4 else v.numel()
        for k, v in state.items() if not k.endswith(_BUFFERS))


def source_scores(runs: list[Run]) -> dict[str, float]:
    """Return the last measured key metric of each source, in percent."""
    measured = [run for run in runs if run.metrics]
    return {
        f'{s.name} ({s.key_metric})':
        run.metrics[f'{s.name}/{s.key_metric}'] *
        s.get('key_metric_scale', 1.0)
        for run in measured[-1:]
        for s in run.cfg.sources
    }
