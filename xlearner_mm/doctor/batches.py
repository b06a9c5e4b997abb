"""How many images an iteration has, and how often a run shows each."""
import os
import re
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

from .annotation_files import count_images
from .case import Case
from .finding import OK, WARNING, Finding

_IN_NAME = re.compile(r'_(\d+)xb\d+')


def processes_in_name(cfg: Config) -> int | None:
    """Return the processes that a config's name gives, 8 of `_8xb68-`."""
    found = _IN_NAME.search(Path(cfg.filename or '').stem)
    return int(found[1]) if found else None


def check_batches(case: Case) -> Iterator[Finding]:
    """Multiply batch sizes by the processes; compare with the data."""
    batches = _batch_sizes(case)
    if not batches:
        return
    told = []
    for where, batch in batches.items():
        total, images = batch * case.world_size, _count(case, where)
        told.append(f'{_short(where)} {batch}{_passes(case, total, images)}')
        if images and total > images:
            yield Finding(
                WARNING, where, f'{batch} images x {_processes(case)} = '
                f'{total} an iteration, but there are {images}: an iteration '
                'would show some of them twice', 'lower its batch_size')
    yield from _against_name(case)
    wrapper = case.cfg.get('optim_wrapper') or {}
    optimizer = wrapper.get('optimizer') or {}
    step = (
        sum(batches.values()) * case.world_size *
        wrapper.get('accumulative_counts', 1))
    yield Finding(
        OK, 'batch', f'{step} images a step of {optimizer.get("type")}, lr '
        f'{optimizer.get("lr")}, from {_processes(case)}; on each: '
        f'{", ".join(told)}')


def _batch_sizes(case: Case) -> dict[str, int]:
    """Return the images per process and iteration, by where they are set."""
    loader = case.cfg.get('train_dataloader') or {}
    if loader.get('batch_size'):
        return {'train_dataloader': loader['batch_size']}
    return {
        f"source '{s.name}'": s.batch_size
        for s in case.sources
    } if loader else {}


def _short(where: str) -> str:
    return where.removeprefix('source ').strip("'")


def _count(case: Case, where: str) -> int | None:
    """Count the images of a source or loader, before the datasets' filters.

    Of small annotation files alone; None if one is large, or absent.
    """
    files = [
        getattr(part.built, 'ann_file', None) for part in case.parts
        if part.split == 'train' and part.where.startswith(where)
    ]
    counts = [
        count_images(file) if file and os.path.isfile(file) else None
        for file in files
    ]
    return sum(counts) if counts and None not in counts else None


def _passes(case: Case, total: int, images: int | None) -> str:
    iters = (case.cfg.get('train_cfg') or {}).get('max_iters')
    if not images or not iters:
        return ''
    return f' ({iters * total / images:.1f} passes over {images:,})'


def _against_name(case: Case) -> Iterator[Finding]:
    named = processes_in_name(case.cfg)
    if named and named != case.world_size:
        yield Finding(
            WARNING, 'batch', f'the config is named for {named} processes, '
            f'here {"are" if case.world_size > 1 else "is"} '
            f'{case.world_size}: its learning rate is for '
            f'{named / case.world_size:g} times the images an iteration',
            f'bash tools/dist_train.sh {case.cfg.filename} {named}, or scale '
            'batch_size or lr')


def _processes(case: Case) -> str:
    return f'{case.world_size} process' + 'es' * (case.world_size > 1)
