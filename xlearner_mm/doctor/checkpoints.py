"""The checkpoints that a config starts from, against its networks."""
from collections.abc import Iterator
from pathlib import Path

from mmengine.runner import find_latest_checkpoint
from torch import nn

from ..errors import UserError
from ..models.backbones.backbone_weights import check_is_there
from .case import Case
from .finding import ERROR, OK, Finding, from_error, refusals
from .looking import walk
from .starts import Start, pretrained_hooks, starts

_SUFFIXES = ('.pth', '.pt', '.safetensors')


def check_checkpoints(case: Case) -> Iterator[Finding]:
    """Look for each file; compare names and shapes where we can tell.

    Files are mapped, not read, and the networks have no values.
    """
    missing = set()
    for hook in pretrained_hooks(case):
        for finding in refusals('custom_hooks.PretrainedCheckHook',
                                hook.check_file):
            missing.add(hook.checkpoint)
            yield finding
    for where, file in _files(case):
        if file not in missing:
            for finding in refusals(
                    where, check_is_there, file,
                    remedy=_train_first(case, file)):
                missing.add(file)
                yield finding
    if not isinstance(case.model, nn.Module):
        return
    for start in starts(case, case.model):
        if start.file not in missing and '://' not in start.file:
            yield _compared(start)


def _files(case: Case) -> Iterator[tuple[str, str]]:
    """Yield where the config names a file of weights, and the file."""
    parts = {key: case.cfg.get(key) for key in ('load_from', 'model')}
    for where, value in walk({k: v for k, v in parts.items() if v}):
        key = where.split('.')[-1]
        if isinstance(value, str) and '.sources.' not in where and (
                value.endswith(_SUFFIXES) or key == 'checkpoint'):
            yield where, value


def _train_first(case: Case, file: str) -> str:
    """Name the config whose run writes `work_dirs/NAME/iter_N.pth`."""
    path, config = Path(file), Path(case.cfg.filename or 'CONFIG')
    name = f'{path.parent.name}.py'
    found = [
        *config.parent.glob(name), *config.parent.parent.glob(f'*/{name}')
    ]
    if not found:
        return ''
    last = path.parent.is_dir() and find_latest_checkpoint(str(path.parent))
    there = f', whose run is at {Path(last).name}' if last else ''
    return f'python tools/train.py {found[0]}{there}'


def _compared(start: Start) -> Finding:
    try:
        start.load()
    except UserError as error:
        return from_error(start.where, error, level=start.level)
    except Exception as error:  # whatever a broken file may cause
        return Finding(ERROR, start.where,
                       f'{start.file} cannot be read: {error}',
                       'copy or train it again')
    return Finding(OK, start.where, f'{start.file} fits')
