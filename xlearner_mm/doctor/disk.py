"""Room for the checkpoints."""
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from torch import nn

from .case import Case
from .finding import ERROR, OK, WARNING, Finding
from .parts import is_remote, reads_elsewhere

#: Values that an optimizer keeps for each weight; of others, two.
_STATES = dict(SGD=1, LARS=1, RMSprop=2, Adam=2, AdamW=2)


def check_disk(case: Case) -> Iterator[Finding]:
    """Compare the size of the checkpoints to be kept with the free disk.

    A checkpoint holds all weights, and of those that train the optimizer's
    values too. There is one more than are kept while an old one is removed.
    Those of an earlier run there count as free: they are written over.
    Somebody may make room meanwhile: without room for one it is an error.
    """
    hook = (case.cfg.get('default_hooks') or {}).get('checkpoint')
    if not isinstance(case.model, nn.Module) or not hook or _is_away(hook):
        return
    optimizer = (case.cfg.get('optim_wrapper') or {}).get('optimizer') or {}
    saved = optimizer if hook.get('save_optimizer', True) else None
    size = checkpoint_size(case.model, saved)
    number = _number(case, hook)
    where, folder = _folder(case, hook)
    old = sum(f.stat().st_size for f in folder.glob('*.pth'))
    existing = next(
        p for p in (folder.absolute(), *folder.absolute().parents)
        if p.exists())
    free = shutil.disk_usage(existing).free + old
    text = (f'{number} checkpoints of {_amount(size)} need '
            f'{_amount(number * size)}, {_amount(free)} are free in '
            f'{existing}')
    if number * size > free:
        yield Finding(
            ERROR if size > free else WARNING, where, text,
            f'free some, give another {where}, or keep fewer: '
            'default_hooks.checkpoint.max_keep_ckpts')
    else:
        yield Finding(OK, where, text)


def _is_away(hook: dict) -> bool:
    """Whether the checkpoints go elsewhere than to a disk."""
    return is_remote(str(hook.get('out_dir'))) or reads_elsewhere(hook)


def _folder(case: Case, hook: dict) -> tuple[str, Path]:
    """Return what sets the folder of the checkpoints, and the folder."""
    work_dir = Path(case.cfg.get('work_dir') or 'work_dirs')
    if hook.get('out_dir') is None:
        return 'work_dir', work_dir
    return (
        'default_hooks.checkpoint.out_dir',  # as MMEngine joins them
        Path(hook['out_dir'], work_dir.name))


def checkpoint_size(model: nn.Module, optimizer: Mapping | None) -> int:
    """Estimate the bytes of a checkpoint.

    Args:
        model: The model, with or without values.
        optimizer: Config of its optimizer; None: its values are not saved.
    """
    weights = sum(v.numel() * v.element_size()
                  for v in model.state_dict().values())
    trained = sum(p.numel() * p.element_size() for p in model.parameters()
                  if p.requires_grad)
    return weights + (0 if optimizer is None else trained * _states(optimizer))


def _states(optimizer: Mapping) -> int:
    if optimizer.get('type') == 'SGD' and not optimizer.get('momentum'):
        return 0
    return _STATES.get(optimizer.get('type'), 2)


def _number(case: Case, hook: dict) -> int:
    """Count the checkpoints that lie there at most at one time."""
    train = case.cfg.get('train_cfg') or {}
    length = train.get('max_epochs') if hook.get(
        'by_epoch', True) else (train.get('max_iters'))
    length, interval = length or 1, hook.get('interval', -1)
    begin = hook.get('save_begin', 0) or interval
    steps = range(begin, length + 1, interval) if interval > 0 else ()
    last = hook.get('save_last', True) and length not in steps
    written = len(steps) + last
    most = hook.get('max_keep_ckpts', -1)
    kept = min(written, most + 1) if most > 0 else written
    best = hook.get('save_best')
    return kept + len(best if isinstance(best, list) else [best] * bool(best))


def _amount(size: float) -> str:
    """Write a number of bytes.

    Example:
        >>> _amount(3_400_000), _amount(7_200_000_000)
        ('3.4 MB', '7.2 GB')
    """
    unit, name = (1e9, 'GB') if size >= 1e9 else (1e6, 'MB')
    return f'{size / unit:.1f} {name}'
