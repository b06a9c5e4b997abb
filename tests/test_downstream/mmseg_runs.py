"""Tiny data in the layouts that the mmseg configs read, and runs on them."""
import re
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import Runner

from xlearner_mm.apis import load_config

CONFIGS = Path(__file__).parents[2] / 'configs/downstream'


def write_voc(root: Path) -> None:
    """Two images each of `train` and `aug`, one of `val`."""
    voc = root / 'VOCdevkit/VOC2012'
    lists = voc / 'ImageSets/Segmentation'
    lists.mkdir(parents=True)
    for split, names in dict(
            train=['2007_0', '2007_1'], aug=['2008_0', '2008_1'],
            val=['2009_0']).items():
        (lists / f'{split}.txt').write_text('\n'.join(names) + '\n')
        masks = 'SegmentationClassAug' if split == 'aug' else \
            'SegmentationClass'
        for name in names:
            write_pair(voc / 'JPEGImages' / f'{name}.jpg',
                       voc / masks / f'{name}.png', 21)


def write_ade(root: Path) -> None:
    """Two images to train and one to validate; label 0 is none."""
    for split, names in dict(training='ab', validation='c').items():
        for name in names:
            write_pair(
                *(root / 'ade/ADEChallengeData2016' / part / split /
                  f'{name}.{suffix}'
                  for part, suffix in (('images', 'jpg'), ('annotations',
                                                           'png'))), 151)


def write_camvid(root: Path) -> None:
    """Two images to train and one to validate."""
    for split, names in dict(train='ab', val='c').items():
        for name in names:
            write_pair(
                *(root / 'seg/camvid' / part / split / f'{name}.{suffix}'
                  for part, suffix in (('img_dir', 'jpg'), ('ann_dir',
                                                            'png'))), 11)


def write_pair(image: Path, mask: Path, num_classes: int) -> None:
    """Write a picture of 70 x 50 pixels and its labels, some of them 255."""
    rng = np.random.default_rng(num_classes)
    labels = rng.integers(0, num_classes, (5, 7)).astype(np.uint8)
    labels = labels.repeat(10, 0).repeat(10, 1)
    labels[:3] = 255
    write(image, rng.integers(0, 255, (50, 70, 3)).astype(np.uint8))
    write(mask, labels)


def write(file: Path, pixels: np.ndarray) -> None:
    """Write an image file below folders that need not exist."""
    file.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(file), pixels)


def export(file: Path, depth: int, width: int) -> dict:
    """Save a random ResNet as `export_backbone` does; return its weights."""
    torch.manual_seed(depth)
    model = MODELS.build(
        dict(
            type='mmpretrain.ResNet',
            _scope_='mmpretrain',
            depth=depth,
            base_channels=width,
            stem_channels=width))
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.uniform_(0.01, 0.1)
    torch.save(model.state_dict(), file)
    return model.state_dict()


def load(file: Path, data_root: Path, checkpoint: Path, depth: int, width: int,
         **options) -> Config:
    """Load a config for the CPU: batches of two, no worker."""
    options.setdefault('train_cfg.max_iters', 1)
    cfg = load_config(
        str(file),
        dict(
            options,
            data_root=str(data_root),
            checkpoint=str(checkpoint),
            depth=depth,
            width=width))
    for loader in (cfg.train_dataloader, cfg.val_dataloader,
                   cfg.test_dataloader):
        loader.num_workers, loader.persistent_workers = 0, False
    cfg.train_dataloader.batch_size = 2
    cfg.log_level = 'WARNING'
    return cfg


def build(cfg: Config, work_dir: Path) -> Runner:
    """Build the stock runner."""
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    return Runner.from_cfg(cfg)


def check_name(file: Path, size: tuple[int, int] | None) -> None:
    """Compare a config's name with what it does, before any option.

    Args:
        file: The config.
        size: Its crop (height, width), in pixels, if the name says it.
    """
    text = file.read_text()
    assert text.startswith('"""') and f'{file.name}' in text.split('"""')[1]
    assert len(text.splitlines()) <= 40
    cfg = load_config(str(file))
    depth, gpus, batch, iters, thousands = re.search(
        r'_r(\d+).*_(\d+)xb(\d+)-(\d+)(k?)_', file.name).groups()
    assert cfg.train_dataloader.batch_size == int(batch)
    total = cfg.get('auto_scale_lr', dict(base_batch_size=int(batch)))
    assert total['base_batch_size'] == int(gpus) * int(batch)
    assert cfg.train_cfg.max_iters == int(iters) * 1000**len(thousands)
    assert cfg.train_cfg.val_interval == cfg.train_cfg.max_iters
    if depth == '50':
        assert cfg.model.backbone.depth == 50
    else:
        assert f'depth={depth}' in text
    if size:
        assert f"-{'x'.join(map(str, size))}.py" in file.name
        assert cfg.model.data_preprocessor.size == size


def check_transfer(cfg: Config, data_root: Path) -> None:
    """Check what the suite's tools read, and that `needs` are there."""
    transfer = cfg.transfer
    assert set(transfer) == {
        'metric', 'scale', 'lr', 'needs', 'source', 'layout'
    }
    for name in transfer.needs:
        assert (data_root / name).exists(), name
    optimizer = cfg.optim_wrapper.optimizer
    low, high = transfer.lr[optimizer.type]
    assert low <= optimizer.lr <= high
    assert {'SGD', 'AdamW'} == set(transfer.lr)
    assert cfg.sync_bn == 'torch'
    assert 'SyncBN' not in cfg.pretty_text
