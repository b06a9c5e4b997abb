"""Sources whose images take unequal time to load: real files, real pipelines.

Sources 0, 1, 2, ... are a classification, a detection, a segmentation, then
again a classification; their images have the sides `SIDES`, in turn.
"""
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

#: Height and width of the sources' images, in pixels.
SIDES = (320, 800, 512, 224, 480, 384)
NUM_IMAGES = 12  # per source


def unequal_sources(root: Path,
                    count: int,
                    batch_size: int = 2,
                    sides: Sequence[int] = SIDES) -> list[dict]:
    """Write images and annotations below `root`; return the sources.

    Args:
        root: A folder per source is made in it.
        count: N.
        batch_size: Images per source and iteration.
        sides: Of the images, in pixels; source i has the i-th, in turn.
    """
    sources = []
    for i in range(count):
        task, scope, write = _KINDS[i % len(_KINDS)]
        side = sides[i % len(sides)]
        sources.append(
            dict(
                name=f'{task}_{i}',
                task=task,
                scope=scope,
                batch_size=batch_size,
                train=write(root / f'{task}_{i}', side)))
    return sources


def write_jpeg(file: Path, side: int, rng: np.random.Generator) -> None:
    """Write an image with edges and some noise, as photographs have."""
    coarse = rng.integers(0, 256, (side // 16 + 1, side // 16 + 1, 3))
    image = cv2.resize(
        coarse.astype(np.uint8), (side, side), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(0, 24, image.shape).astype(np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), cv2.add(image, noise))


def _classification(root: Path, side: int) -> dict:
    rng = np.random.default_rng(side)
    for i in range(NUM_IMAGES):
        write_jpeg(root / f'class_{i % 3}/{i}.jpg', side, rng)
    return dict(
        type='CustomDataset',
        data_root=str(root),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='RandomResizedCrop', scale=224),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackInputs')
        ])


def _detection(root: Path, side: int) -> dict:
    rng = np.random.default_rng(side)
    for i in range(NUM_IMAGES):
        write_jpeg(root / f'{i}.jpg', side, rng)
    ids = range(1, NUM_IMAGES + 1)
    box = [side // 8, side // 8, side // 2, side // 4]
    (root / 'ann.json').write_text(
        json.dumps(
            dict(
                images=[
                    dict(
                        id=i,
                        file_name=f'{i - 1}.jpg',
                        width=side,
                        height=side) for i in ids
                ],
                annotations=[
                    dict(
                        id=i,
                        image_id=i,
                        category_id=1,
                        bbox=box,
                        area=box[2] * box[3],
                        iscrowd=0) for i in ids
                ],
                categories=[dict(id=1, name='thing')])))
    return dict(
        type='CocoDataset',
        data_root=str(root),
        ann_file='ann.json',
        data_prefix=dict(img=''),
        metainfo=dict(classes=['thing']),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations', with_bbox=True),
            dict(
                type='RandomChoiceResize',
                scales=[(side, side), (side * 5 // 4, side * 5 // 4)],
                keep_ratio=True),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackDetInputs')
        ])


def _segmentation(root: Path, side: int) -> dict:
    rng = np.random.default_rng(side)
    (root / 'ann').mkdir(parents=True)
    for i in range(NUM_IMAGES):
        write_jpeg(root / f'img/{i}.jpg', side, rng)
        mask = rng.integers(0, 3, (side, side)).astype(np.uint8)
        cv2.imwrite(str(root / f'ann/{i}.png'), mask)
    return dict(
        type='BaseSegDataset',
        data_root=str(root),
        data_prefix=dict(img_path='img', seg_map_path='ann'),
        metainfo=dict(classes=['a', 'b', 'c'], palette=[[0] * 3] * 3),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations'),
            dict(
                type='RandomResize',
                scale=(side, side),
                ratio_range=(0.75, 1.5),
                keep_ratio=True),
            dict(type='RandomCrop', crop_size=(side * 3 // 4, ) * 2),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PhotoMetricDistortion'),
            dict(type='PackSegInputs')
        ])


_KINDS = (('cls', 'mmpretrain', _classification), ('det', 'mmdet', _detection),
          ('seg', 'mmseg', _segmentation))
