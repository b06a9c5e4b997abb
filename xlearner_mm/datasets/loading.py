"""One pool of workers for all sources; one plain loader per source for
evaluation."""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from mmengine.dataset import DefaultSampler, pseudo_collate
from torch.utils.data import DataLoader

from .. import sigterm
from ..errors import UserError
from ..registry import FUNCTIONS
from ..sources import Source, parse_sources
from .building import build_dataset
from .multi_source_batch_sampler import MultiSourceBatchSampler
from .multi_source_dataset import MultiSourceDataset
from .source_checks import keep_below_roots, name_files


@FUNCTIONS.register_module()
def multi_source_collate(items: Sequence[dict]) -> dict[str, dict]:
    """Sort the samples of one iteration by source.

    Args:
        items: What :class:`MultiSourceDataset` gives.

    Returns:
        `{source: {'inputs': [...], 'data_samples': [...], 'skipped':
        [message, ...]}}`, sources in order of appearance.
    """
    groups: dict[str, list[dict]] = {}
    for item in items:
        groups.setdefault(item['source'], []).append(item)
    return {
        source:
        dict(
            pseudo_collate([item['sample'] for item in group]),
            skipped=[text for item in group for text in item['skipped']])
        for source, group in groups.items()
    }


def build_train_loader(sources: Sequence[dict],
                       max_iters: int,
                       num_workers: int = 0,
                       on_error: str = 'raise',
                       **kwargs) -> DataLoader:
    """Build the loader of a training run.

    Args:
        sources: Configs of the sources.
        max_iters: K, the iterations of the run.
        num_workers: Worker processes, shared by all sources.
        on_error: See :class:`MultiSourceDataset`.
        **kwargs: Further options of `torch.utils.data.DataLoader`.

    Raises:
        UserError: An option has no meaning here.
    """
    refused = sorted(
        {'batch_size', 'sampler', 'batch_sampler', 'shuffle', 'dataset'}
        & set(kwargs))
    if refused:
        raise UserError(f'train_dataloader: {refused} are set per source; '
                        'put batch_size and train into the sources')
    return DataLoader(
        MultiSourceDataset(sources, on_error),
        batch_sampler=MultiSourceBatchSampler(sources, max_iters),
        collate_fn=multi_source_collate,
        num_workers=num_workers,
        worker_init_fn=init_worker if num_workers else None,
        # Starting an iterator draws a number: not from the global generator.
        generator=torch.Generator(),
        **kwargs)


def build_eval_loaders(sources: Sequence[dict | Source],
                       split: str,
                       num_workers: int = 0,
                       **kwargs) -> Mapping[str, DataLoader]:
    """Build one loader per source that has the split.

    Args:
        sources: Configs of the sources.
        split: 'val' or 'test'; a source without 'test' uses its 'val'.
        num_workers: Worker processes, of the loader in use.
        **kwargs: Further options of `torch.utils.data.DataLoader`.

    Raises:
        UserError: A dataset cannot be built, or no source has the split.
    """
    loaders = {}
    for source in parse_sources(sources):
        cfg = source.test or source.val if split == 'test' else source.val
        if cfg is None:
            continue
        dataset = build_dataset(source, cfg, f'{split} dataset')
        keep_below_roots(dataset)
        name_files(dataset, source.name)
        loaders[source.name] = DataLoader(
            dataset,
            batch_size=source.val_batch_size,
            sampler=DefaultSampler(dataset, shuffle=False),
            collate_fn=pseudo_collate,
            num_workers=num_workers,
            worker_init_fn=init_worker if num_workers else None,
            generator=torch.Generator(),
            **kwargs)
    if not loaders:
        raise UserError(f"no source has a '{split}' dataset; add one, or "
                        f'leave {split}_dataloader out of the config')
    return loaders


def init_worker(_: int) -> None:
    """Let a worker use one core, and end when its owner says so."""
    import cv2
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    sigterm.obey_parent()


@contextmanager
def dead_workers_explained() -> Iterator[None]:
    """Say what it means that a worker process is gone.

    torch tells it wherever the main process happens to be.

    Raises:
        UserError: A worker was killed, or has ended by itself.
    """
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith('DataLoader worker (pid'):
            raise
        raise UserError(
            f'{str(error).strip()} Mostly the system has run out of memory '
            '(look at `dmesg`, or the limits of your job): lower num_workers '
            'or the batch sizes. What was written before is intact: resume'
        ) from error
