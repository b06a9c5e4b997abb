"""Checks of a source's data that name the source and the file."""
import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from mmengine.dataset import Compose
from torch.utils.data import Dataset

from ..errors import UserError
from ..sources import Source

_WITH_MEMORY = ('CachedMosaic', 'CachedMixUp')
_IGNORE = 255


def forbid_memory(source: Source) -> None:
    """Refuse transforms that mix in samples they saw before.

    Their output depends on what the worker loaded earlier, so a resumed run
    would differ.

    Raises:
        UserError: The source's training pipeline has such a transform.
    """
    for kind in _types_in(source.train):
        if kind.split('.')[-1] in _WITH_MEMORY:
            raise UserError(
                f"source '{source.name}': {kind} remembers other samples, so "
                'a run could not be resumed exactly; use the variant without '
                'cache (Mosaic, MixUp)')


def _types_in(cfg: object) -> Iterator[str]:
    if isinstance(cfg, dict):
        if isinstance(cfg.get('type'), str):
            yield cfg['type']
        cfg = list(cfg.values())
    if isinstance(cfg, (list, tuple)):
        for value in cfg:
            yield from _types_in(value)


class NamedFiles(Compose):
    """A pipeline whose errors name source and file.

    Args:
        transforms: The transforms, built.
        source: The source's name.
    """

    def __init__(self, transforms: list, source: str) -> None:
        super().__init__(transforms)
        self.source = source

    def __call__(self, data: dict) -> dict | None:
        """Run the transforms.

        Raises:
            UserError: One fails.
        """
        files = _files_of(data)
        try:
            return super().__call__(data)
        except Exception as error:  # whatever a pipeline may raise
            raise UserError(f"source '{self.source}', {files}: {error}. Mend "
                            'or remove the file') from error


def name_files(dataset: Dataset, source: str) -> None:
    """Let errors of a dataset's pipeline, or of those in it, name the file."""
    for part in _inner(dataset):
        name_files(part, source)
    pipeline = getattr(dataset, 'pipeline', None)
    if isinstance(pipeline, Compose):
        dataset.pipeline = NamedFiles([pipeline], source)


class BelowRoots(Compose):
    """A pipeline that refuses files outside a dataset's folders.

    Args:
        transforms: The transforms, built.
        roots: The folders.
    """

    def __init__(self, transforms: list, roots: Sequence[str]) -> None:
        super().__init__(transforms)
        self.roots = [os.path.join(os.path.abspath(r), '') for r in roots]

    def __call__(self, data: dict) -> dict | None:
        """Run the transforms.

        Raises:
            UserError: A path of the sample is in none of the folders.
        """
        for key, path in data.items():
            if key.endswith('_path') and isinstance(
                    path, str) and not (os.path.abspath(path).startswith(
                        tuple(self.roots))):
                raise UserError(
                    f'an annotation names {path}, which is outside '
                    f'{" and ".join(self.roots)}; mend it, or set data_root '
                    'to a folder that holds the file')
        return super().__call__(data)


def keep_below_roots(dataset: Dataset) -> None:
    """Let a dataset, or those in it, read files below its folders only.

    The folders are `data_root` and those of `data_prefix`; without them, as
    with paths relative to the working folder, nothing is refused. A link in
    a folder may point anywhere.
    """
    for part in _inner(dataset):
        keep_below_roots(part)
    roots = list((getattr(dataset, 'data_prefix', None) or {}).values())
    if getattr(dataset, 'data_root', None):
        roots.append(dataset.data_root)
    pipeline = getattr(dataset, 'pipeline', None)
    if isinstance(pipeline, Compose) and roots and all(roots):
        dataset.pipeline = BelowRoots(pipeline.transforms, roots)


def _inner(dataset: Dataset) -> list[Dataset]:
    """Return the datasets that one wraps."""
    inner = getattr(dataset, 'datasets', [getattr(dataset, 'dataset', None)])
    return [part for part in inner if part is not None]


def check_labels(sample: dict, metainfo: dict) -> None:
    """Refuse labels that are no index of the source's classes.

    Args:
        sample: What an upstream pipeline gives; labels are indices in
            [0, number of classes), in masks also 255 (ignore).
        metainfo: The dataset's; without 'classes' nothing is checked.

    Raises:
        ValueError: A label is out of range.
    """
    classes = metainfo.get('classes')
    if not classes or 'data_samples' not in sample:
        return
    data_sample, count = sample['data_samples'], len(classes)
    wrong = [v for v in _labels_of(data_sample) if not 0 <= v < count]
    if 'gt_sem_seg' in data_sample:
        mask = data_sample.gt_sem_seg.data.numpy()
        outside = mask[(mask < 0) | (mask >= count)]
        wrong.extend(outside[outside != _IGNORE][:1])
    if wrong:
        raise ValueError(f'label {int(wrong[0])} is outside the '
                         f'{count} classes')


def _labels_of(data_sample: object) -> Iterator[float]:
    if 'gt_label' in data_sample:
        label = data_sample.gt_label
        label = torch.as_tensor(getattr(label, 'label', label))
        yield from label.flatten().tolist()
    if 'gt_instances' in data_sample:
        yield from torch.as_tensor(data_sample.gt_instances.labels).tolist()


def describe_sample(source: str, dataset: Dataset, index: int) -> str:
    """Name a sample by source and files, e.g. "source 'coco', a/b.jpg"."""
    try:
        files = _files_of(dataset.get_data_info(index))
    except Exception:  # a wrapper dataset without get_data_info
        files = ''
    return f"source '{source}', {files or f'sample {index}'}"


def _files_of(info: Mapping) -> str:
    """Name a sample's image, and the image that labels it."""
    path = info.get('img_path') or info.get('img_info', {}).get('filename', '')
    labels = info.get('seg_map_path') or info.get('depth_map_path')
    return f'{path} (labels: {labels})' if labels else path


def check_class_count(where: str, num_labels: int, num_classes: int) -> None:
    """Refuse a label space that is larger than its head's.

    Args:
        where: Whose it is, to begin the error with.
        num_labels: Classes of the dataset.
        num_classes: Classes of its head.

    Raises:
        UserError: The dataset has more classes.
    """
    if num_labels > num_classes:
        raise UserError(
            f'{where}: its dataset has {num_labels} classes, '
            f'its head {num_classes}; set num_classes in its model, or '
            'metainfo.classes in its dataset')


def check_classes(source: Source, dataset: Dataset,
                  num_classes: int | None) -> None:
    """Compare a dataset's classes with what its head can tell apart.

    Args:
        source: The source.
        dataset: Its built dataset.
        num_classes: Of its head; None where the head does not say.

    Raises:
        UserError: The dataset has more classes, or a label is out of range.
    """
    if num_classes is None:
        return
    check_class_count(f"source '{source.name}'",
                      len(dataset.metainfo.get('classes') or ()), num_classes)
    if hasattr(dataset, 'get_gt_labels'):
        highest = int(np.max(_all_labels(dataset), initial=0))
        if highest >= num_classes:
            raise UserError(
                f"source '{source.name}': label {highest} is outside the "
                f'{num_classes} classes of its head; check its ann_file')


def _all_labels(dataset: Dataset) -> Sequence[int]:
    """Return the labels of all images, those of mmpretrain's datasets."""
    try:
        return dataset.get_gt_labels()
    except ValueError:  # several an image, and not equally many: no array
        return [
            label for index in range(len(dataset))
            for label in dataset.get_cat_ids(index)
        ]
