"""Tiny data in the layouts that the mmdet configs read, and their loading."""
import json
from pathlib import Path

import mmseg_runs as runs
import numpy as np
import torch
from mmdet.datasets import CocoDataset
from mmengine.config import Config, ConfigDict
from mmengine.registry import MODELS

from xlearner_mm.apis import load_config

FOLDER = runs.CONFIGS / 'detection'
#: No detection is too weak to be counted.
ANY_SCORE = {'model.test_cfg.score_thr': 0.0}
#: The same, and few proposals, for the CPU.
FEW = {
    'model.test_cfg.rcnn.score_thr': 0.0,
    'model.train_cfg.rpn_proposal.max_per_img': 20,
    'model.train_cfg.rcnn.sampler.num': 8,
    'model.test_cfg.rpn.max_per_img': 8
}
#: Pixel corners of the boxes of each picture, counted from 0.
BOXES = [[[5, 4, 40, 35], [30, 20, 69, 49], [50, 2, 61, 9]]] * 2


def find(start: str) -> Path:
    """Return the only detection config whose name starts so."""
    file, = FOLDER.glob(f'{start}*.py')
    return file


def write_voc(root: Path) -> None:
    """Two pictures each of three lists; the second box is `difficult`."""
    for year, splits in dict(
            VOC2007=['trainval', 'test'], VOC2012=['trainval']).items():
        for split in splits:
            write_split(root / f'VOCdevkit/{year}', split, ['person', 'dog'])


def write_bccd(root: Path) -> None:
    """Two pictures each to train and to test on."""
    for split in ('trainval', 'test'):
        write_split(root / 'det/bccd', split, ['RBC', 'Platelets'])


def write_split(root: Path, split: str, names: list[str]) -> None:
    """Write a list, its pictures and their VOC XML, corners from 1."""
    lists = root / 'ImageSets/Main'
    for folder in (lists, root / 'Annotations'):
        folder.mkdir(parents=True, exist_ok=True)
    images = [f'{split}_{i}' for i in range(len(BOXES))]
    (lists / f'{split}.txt').write_text('\n'.join(images) + '\n')
    for image, boxes in zip(images, BOXES):
        write_image(root / f'JPEGImages/{image}.jpg')
        objects = ''.join(
            f'<object><name>{names[i % 2]}</name>'
            f'<difficult>{int(i == 1)}</difficult><bndbox>' +
            ''.join(f'<{side}>{value + 1}</{side}>'
                    for side, value in zip(('xmin', 'ymin', 'xmax',
                                            'ymax'), box)) +
            '</bndbox></object>' for i, box in enumerate(boxes))
        (root / f'Annotations/{image}.xml').write_text(
            '<annotation><size><width>70</width><height>50</height>'
            f'<depth>3</depth></size>{objects}</annotation>')


def write_coco(root: Path) -> None:
    """Two pictures each to train and to validate, with polygons."""
    classes = CocoDataset.METAINFO['classes']
    for split in ('train2017', 'val2017'):
        annotations = []
        for image, boxes in enumerate(BOXES):
            write_image(root / f'coco/{split}/{image}.jpg')
            for x, y, right, bottom in boxes:
                w, h = right - x, bottom - y
                annotations.append(
                    dict(
                        id=len(annotations) + 1,
                        image_id=image + 1,
                        category_id=1 + len(annotations) % 2,
                        iscrowd=0,
                        bbox=[x, y, w, h],
                        area=w * h / 2,
                        segmentation=[[x, y, right, y, x, bottom]]))
        file = root / f'coco/annotations/instances_{split}.json'
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            json.dumps(
                dict(
                    images=[
                        dict(
                            id=i + 1,
                            file_name=f'{i}.jpg',
                            width=70,
                            height=50) for i in range(len(BOXES))
                    ],
                    annotations=annotations,
                    categories=[
                        dict(id=i + 1, name=name)
                        for i, name in enumerate(classes)
                    ])))


def write_image(file: Path) -> None:
    """Write noise of 70 x 50 pixels."""
    rng = np.random.default_rng(0)
    runs.write(file, rng.integers(0, 255, (50, 70, 3)).astype(np.uint8))


def export(file: Path, depth: int, width: int) -> dict:
    """Save a random ResNet unlike any other; return its weights."""
    torch.manual_seed(depth)
    state = MODELS.build(
        dict(
            type='mmpretrain.ResNet',
            _scope_='mmpretrain',
            depth=depth,
            base_channels=width,
            stem_channels=width)).state_dict()
    for value in state.values():
        if value.is_floating_point():
            value += 0.01 * torch.rand_like(value)
    torch.save(state, file)
    return state


def load(file: Path, data_root: Path, checkpoint: Path, depth: int, width: int,
         **options) -> Config:
    """Load a config for the CPU: one batch of two pictures of 96 pixels.

    Without warm-up, so that one step moves all that trains.
    """
    length = 'max_iters' if '24k' in file.name else 'max_epochs'
    kind = file.name.partition('_')[0]
    options = {
        **(ANY_SCORE if kind == 'retinanet' else FEW), f'train_cfg.{length}':
        1,
        'train_cfg.val_interval': 1,
        'param_scheduler.0.start_factor': 1.0,
        **options
    }
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
        shrink(loader.dataset)
    cfg.train_dataloader.batch_size = 2
    cfg.log_level = 'WARNING'
    return cfg


def shrink(part: object) -> None:
    """Let all transforms that resize give at most 96 x 64 pixels."""
    for value in part.values() if isinstance(part, dict) else part:
        if isinstance(value, (dict, list)):
            shrink(value)
    if isinstance(part, ConfigDict) and 'Resize' in part.get('type', ''):
        if 'scales' in part:
            part.scales = [(96, 64)]
        else:
            part.scale = (96, 64)
