"""The files and folders that a config names."""
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..errors import UserError
from .case import Case
from .finding import ERROR, OK, WARNING, Finding, from_error
from .looking import walk
from .parts import is_missing, reads_elsewhere

_VARIABLE = re.compile(r'\$(\w*DATA)\s*:')


def check_paths(case: Case) -> Iterator[Finding]:
    """Look for the data of every dataset, metric and student.

    What training does not read, a test set of its own, gets a warning.
    """
    seen: set[tuple] = set()
    for part in case.parts:
        for key, path in part.missing_paths():
            if (part.source, path) not in seen:
                seen.add((part.source, path))
                yield Finding(WARNING if part.split == 'test' else ERROR,
                              part.where, f'no {key} at {path}',
                              _remedy(case, key))
    yield from _metrics(case, tuple(path for _, path in seen))
    yield from _pseudo_labels(case)
    if not seen and case.parts:
        yield Finding(OK, 'paths', 'the files and folders of all datasets '
                      'are there')


def _same(one: str, two: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(two)


def _short(path: str) -> str:
    return min(os.path.relpath(path), os.path.abspath(path), key=len)


def _remedy(case: Case, key: str) -> str:
    """Name the key, and the variable that stands for the datasets' folder."""
    given = case.cfg.env_variables or {}
    variables = [
        name + (f' (now {given[name]!r})' if name in given else '') for name in
        dict.fromkeys([*_VARIABLE.findall(case.cfg.text or ''), *given])
        if name.endswith('DATA')
    ]
    places = 'data_root' if key == 'data_root' else f'data_root and {key}'
    return ', or set '.join([f'check {places}', *variables])


def _metrics(case: Case, missing: tuple[str, ...]) -> Iterator[Finding]:
    """Look for the annotations that metrics read by themselves.

    Args:
        case: The case.
        missing: Paths that were told already.
    """
    if not case.cfg.get('val_dataloader'):
        return
    metrics = {
        s.name: s.evaluator
        for s in case.sources
    } or {
        '': case.cfg.get('val_evaluator')
    }
    for name, cfg in metrics.items():
        where = f"source '{name}', evaluator" if name else 'val_evaluator'
        read = [
            vars(part.built).get('ann_file') for part in case.parts
            if part.is_built and (part.source, part.split) == (name, 'val')
        ]
        for path, metric in walk(cfg):
            file = isinstance(metric, dict) and metric.get('ann_file')
            if (not file or file.startswith(missing)
                    or reads_elsewhere(metric)):
                continue
            if is_missing(file):
                key = f'{path}.ann_file'.lstrip('.')
                yield Finding(ERROR, where, f'no {key} at {file}',
                              _remedy(case, 'ann_file'))
            elif read and all(read) and not any(
                    map(partial(_same, file), read)):
                yield Finding(
                    WARNING, where, f'it measures on {file}, but the '
                    f'validation set reads {", ".join(read)}',
                    'give both one ann_file')


def _pseudo_labels(case: Case) -> Iterator[Finding]:
    """Look for a student's labels, and for who writes them.

    Whether they are complete, and of these teachers, is checked when the
    loop is built: it reads every byte of the teachers.
    """
    if case.plan is None:
        return
    if isinstance(case.plan, UserError):
        yield from_error('pseudo_labels', case.plan)
        return
    wanted = {
        file: (name, teacher.config)
        for name, teacher in case.plan.teachers.items()
        for file in (teacher.config, teacher.checkpoint)
    }
    for file, (name, config) in wanted.items():
        if is_missing(file):
            yield Finding(ERROR, f'pseudo_labels.teachers.{name}',
                          f'no file at {file}',
                          f'python tools/train.py {_short(config)}')
    if case.unlabelled:
        yield Finding(
            ERROR, f"source '{case.unlabelled[0]}', train",
            'its pseudo labels in '
            f'{Path(case.plan.folder, case.unlabelled[0])} are not written',
            'python tools/pseudo_label.py '
            f'{case.cfg.filename or "CONFIG"}')
