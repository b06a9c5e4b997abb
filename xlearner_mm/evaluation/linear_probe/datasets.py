"""The datasets of the linear probe: one config file each (paper Sec. 4.2).

N images with features of D numbers each.
"""
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from torch import Tensor

from ...errors import UserError
from .reading import check_classes, check_same_folders, read_split
from .scores import SCORES
from .splits import hold_out, per_class

Features = tuple[np.ndarray | Tensor, np.ndarray | Tensor]
_SPLITS = ('train', 'val', 'test')


@dataclass(frozen=True)
class ProbeDataset:
    """One dataset, its splits and its metric.

    The fields are top-level keys of `configs/downstream/linear_probe/*.py`.

    Args:
        name: Of the dataset, for tables and messages.
        metric: A key of `SCORES`: 'top1' or 'mean_per_class'.
        num_classes: Number of classes; None where the folders tell it.
        splits: Configs of mmpretrain's datasets: 'train', and 'val' and
            'test' where the dataset has them.
        val_fraction: Without 'val': the fraction of each training class that
            is held out, in (0, 1).
        train_per_class: Without 'test': the images of each class of 'train'
            to train on; the others are for testing.
        optional: Splits to do without where their folder is missing.
        transfer: `layout` and `source` say how the data lie below
            XLEARNER_DATA and where they come from.

    Raises:
        UserError: A field has no meaning.
    """

    name: str
    metric: str
    num_classes: int | None
    splits: dict[str, dict]
    val_fraction: float = 0.2
    train_per_class: int | None = None
    optional: tuple[str, ...] = ()
    transfer: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        problem = None
        if self.metric not in SCORES:
            problem = f'metric={self.metric!r}; choose from {sorted(SCORES)}'
        elif 'train' not in self.splits or set(self.splits) - set(_SPLITS):
            problem = (f"splits are {sorted(self.splits)}; give 'train', and "
                       "'val' and 'test' where the dataset has them")
        elif ('test' in self.splits) == (self.train_per_class is not None):
            problem = ("give either a 'test' split or train_per_class, the "
                       "images per class of 'train' to train on, not both")
        elif not 0 < self.val_fraction < 1:
            problem = (f'val_fraction={self.val_fraction!r}; give a number '
                       'above 0 and below 1')
        if problem:
            raise UserError(f"linear probe '{self.name}': {problem}")

    @classmethod
    def from_config(cls, cfg: Config) -> 'ProbeDataset':
        """Read a config; optional splits without a folder are left out.

        Raises:
            UserError: A key is missing or has no meaning.
        """
        missing = [
            f.name for f in fields(cls) if f.name not in cfg
            and f.default is MISSING and f.default_factory is MISSING
        ]
        if missing:
            raise UserError(f'{cfg.filename}: no {missing}; the config of a '
                            "linear probe's dataset has them, see "
                            'configs/downstream/linear_probe')
        given = {f.name: cfg[f.name] for f in fields(cls) if f.name in cfg}
        optional = cfg.get('optional', ())
        given['splits'] = {
            split: dataset
            for split, dataset in cfg.splits.items()
            if split not in optional or _folder(dataset).is_dir()
        }
        return cls(**given)

    def build(self, split: str) -> BaseDataset:
        """Build mmpretrain's dataset of a split.

        An image that cannot be read raises an error that names the file.

        Args:
            split: A key of `splits`.

        Raises:
            UserError: Files are missing, or do not hold the classes.
        """
        part = f"linear probe '{self.name}', split '{split}'"
        remedy = 'check the paths in its config'
        if {'layout', 'source'} <= set(self.transfer):
            remedy = (
                f'expected below XLEARNER_DATA: {self.transfer["layout"]}'
                f'; from {self.transfer["source"]}')
        dataset = read_split(self.splits[split], part, remedy)
        check_classes(dataset, self.num_classes, part)
        if split != 'train':
            check_same_folders(dataset, self.splits['train'], part)
        return dataset

    def arrange(self, features: Mapping[str, Features]) -> dict[str, Features]:
        """Turn the features of `splits` into those of train, val and test.

        Args:
            features: By split: features (N, D) and labels (N,).

        Returns:
            The same for 'train', 'val' and 'test'; those drawn from one
            split share no image.

        Raises:
            UserError: A class has too few images to draw from.
        """
        parts = {split: features[split] for split in self.splits}
        try:
            if 'test' not in parts:
                parts['train'], parts['test'] = _divide(
                    parts['train'], per_class, self.train_per_class)
            if 'val' not in parts:
                parts['train'], parts['val'] = _divide(parts['train'],
                                                       hold_out,
                                                       self.val_fraction)
        except UserError as error:
            raise UserError(f"linear probe '{self.name}': {error}") from error
        return {split: parts[split] for split in _SPLITS}


def _folder(dataset: Mapping) -> Path:
    return Path(dataset['data_root'], dataset.get('data_prefix', ''))


def _divide(features: Features, split, amount: float) -> list[Features]:
    """Divide features and labels by :mod:`.splits`' function `split`."""
    return [
        tuple(values[indices] for values in features)
        for indices in split(np.asarray(features[1]), amount)
    ]
