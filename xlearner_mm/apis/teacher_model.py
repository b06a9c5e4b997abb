"""A trained multi-source model that labels images of others (MuST)."""
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from mmcv.transforms import LoadAnnotations
from mmengine.dataset import Compose, pseudo_collate
from mmengine.device import get_device
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.runner import load_checkpoint
from mmengine.structures import BaseDataElement
from torch.utils.data import DataLoader, Dataset

from ..datasets.loading import init_worker
from ..datasets.pseudo_labels import Teacher, source_of
from ..errors import UserError
from ..registry import MODELS
from .cli import load_config


class TeacherModel:
    """One source's head of a trained model, and how it reads an image.

    Args:
        teacher: Its files.
        name: The source.
        variables: Environment variables to read its config with.

    Raises:
        UserError: Its config has no such source, its val dataset or its model
            cannot be built, or the checkpoint does not fit.
    """

    def __init__(self, teacher: Teacher, name: str,
                 variables: Mapping[str, object]) -> None:
        cfg = load_config(
            teacher.config,
            variables={
                k: str(v)
                for k, v in variables.items()
            })
        self.source = source_of(cfg, name)
        self.score_thr = teacher.score_thr
        dataset = self.source.build(MMENGINE_DATASETS, self.source.val,
                                    'val dataset')
        self.classes = list(dataset.metainfo['classes'])
        self.pipeline = Compose([
            transform for transform in dataset.pipeline.transforms
            if not isinstance(transform, LoadAnnotations)
        ])
        _keep_scores(self.source.model.get('test_cfg'), teacher.score_thr)
        self.model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
        try:
            load_checkpoint(
                self.model,
                teacher.checkpoint,
                map_location='cpu',
                strict=True)
        except RuntimeError as error:
            raise UserError(f'{teacher.checkpoint} does not fit '
                            f'{teacher.config}: {error}') from error
        self.model.to(get_device()).eval()

    def predict_files(self,
                      root: str,
                      paths: Sequence[str],
                      batches: Sequence[range],
                      num_workers: int = 0) -> Iterator[list[BaseDataElement]]:
        """Predict batches of image files.

        Args:
            root: Folder of the images.
            paths: Below it.
            batches: Positions in `paths`.
            num_workers: Loader processes.

        Yields:
            For each batch the head's own predictions, on the CPU.

        Raises:
            UserError: An image cannot be read.
        """
        loader = DataLoader(
            _Images(self, root, paths),
            batch_sampler=batches,
            collate_fn=list,
            num_workers=num_workers,
            worker_init_fn=init_worker if num_workers else None,
            generator=torch.Generator())
        for items in loader:
            yield self.predict(items)

    @torch.no_grad()
    def predict(self, items: Sequence[dict]) -> list[BaseDataElement]:
        """Predict images, those of one size together.

        Padding to the size of others, as validation does, would change what
        the network sees.

        Args:
            items: `{'inputs': (3, H, W), 'data_samples': ...}` each.
        """
        sizes: dict[torch.Size, list[int]] = {}
        for number, item in enumerate(items):
            sizes.setdefault(item['inputs'].shape, []).append(number)
        samples: dict[int, BaseDataElement] = {}
        for numbers in sizes.values():
            batch = pseudo_collate([items[n] for n in numbers])
            found = self.model.val_step({self.source.name: batch})
            samples.update(zip(numbers, found[self.source.name]))
        return [samples[number].cpu() for number in range(len(items))]


def _keep_scores(test_cfg: dict | None, score_thr: float) -> None:
    """Let a detector put out all boxes that are labels, in place.

    Its own threshold, of whatever stage, may be higher than theirs.
    """
    for key, value in (test_cfg or {}).items():
        if key == 'score_thr':
            test_cfg[key] = min(value, score_thr)
        elif isinstance(value, dict):
            _keep_scores(value, score_thr)


class _Images(Dataset):
    """Image files, as the teacher's validation reads them.

    Args:
        teacher: The teacher.
        root: Folder of the images.
        paths: Below it.
    """

    def __init__(self, teacher: TeacherModel, root: str,
                 paths: Sequence[str]) -> None:
        self.name, self.pipeline = teacher.source.name, teacher.pipeline
        self.root, self.paths = root, paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict:
        """Read one image; there is no label to read."""
        file = str(Path(self.root, self.paths[index]))
        try:
            item = self.pipeline(
                dict(img_path=file, img_id=index, sample_idx=index))
            if 'inputs' not in item:
                raise ValueError('it loads no image')
        except Exception as error:  # whatever a transform may raise
            raise UserError(
                f"source '{self.name}': its val pipeline fails on {file}: "
                f'{error!r}; mend or remove the file') from error
        return item
