"""Datasets that were built without their annotations, and their paths."""
import os
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import NamedTuple

from mmengine.config import ConfigDict
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from torch.utils.data import Dataset

from .looking import walk

_REMOTE = re.compile(r'[A-Za-z][\w+]+:')


class Part(NamedTuple):
    """One dataset of a config; a wrapper's are several.

    Args:
        where: Its place, e.g. "source 'coco', train".
        split: 'train', 'val' or 'test'.
        scope: Under which its types are looked up.
        cfg: Its config.
        source: The source it belongs to; '' in a stock runner's config.
        built: The dataset without its annotations, or why it cannot be
            built.
    """

    where: str
    split: str
    scope: str | None
    cfg: dict
    source: str
    built: Dataset | Exception

    @property
    def is_built(self) -> bool:
        """Whether there is a dataset."""
        return not isinstance(self.built, Exception)

    def missing_paths(self) -> list[tuple[str, str]]:
        """Return what it would read; its root alone if that is missing.

        Upstream has joined the paths. Of a dataset that cannot be built,
        often for this reason, root and annotations as its config names them.
        Nothing where it, or its pipeline, reads from elsewhere than the disk.
        """
        read = vars(self.built) if self.is_built else self.cfg
        root, file = read.get('data_root'), read.get('ann_file')
        if read.get('download') or any(
                reads_elsewhere(c) for _, c in walk(self.cfg)):
            return []
        if is_missing(root):
            return [('data_root', root)]
        if not self.is_built:
            file = file and os.path.join(root or '', file)
        paths = {'ann_file': file}
        if self.is_built and isinstance(read.get('data_prefix'), dict):
            paths.update({
                f'data_prefix.{key}': path
                for key, path in read['data_prefix'].items()
            })
        return [(key, path) for key, path in paths.items() if is_missing(path)]


def is_missing(path: object) -> bool:
    """Whether a local path leads nowhere; nothing and URLs do not count."""
    if not isinstance(path, str) or not path or is_remote(path):
        return False
    return not os.path.exists(path)


def is_remote(path: str) -> bool:
    """Whether a path is a URL, e.g. 's3://bucket/file'."""
    return bool(_REMOTE.match(path))


def reads_elsewhere(cfg: object) -> bool:
    """Whether a config's `backend_args` lead elsewhere than to the disk.

    Example:
        >>> reads_elsewhere(dict(backend_args=dict(backend='petrel')))
        True
        >>> reads_elsewhere(dict(backend_args=dict(backend='local')))
        False
    """
    backend = isinstance(cfg, dict) and cfg.get('backend_args') or {}
    return backend.get('backend', 'local') != 'local'


def unread(cfg: dict, scope: str | None) -> Dataset:
    """Build a dataset that has joined its paths and read no annotation."""
    cfg = ConfigDict(deepcopy(cfg), lazy_init=True)
    if scope is not None:
        cfg['_scope_'] = scope
    return MMENGINE_DATASETS.build(cfg)


def leaves(cfg: dict, path: str = '') -> Iterator[tuple[str, dict]]:
    """Yield the datasets inside wrappers, and where in the config."""
    inner = [('dataset', cfg.get('dataset'))]
    inner += [(f'datasets.{i}', c)
              for i, c in enumerate(cfg.get('datasets') or ())]
    inner = [(key, c) for key, c in inner if isinstance(c, dict)]
    if not inner:
        yield path, cfg
    for key, c in inner:
        yield from leaves(c, f'{path}.{key}')
