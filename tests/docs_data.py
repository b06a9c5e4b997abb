"""Tiny data at the paths that the pages name, below a clone's `data/`."""
import json
from pathlib import Path

import cv2
import numpy as np

#: Height and width of the images, in pixels.
SHAPE = (60, 90)


def write_flowers(root: Path) -> None:
    """Write 102 class folders with an image a split, as get_started says."""
    for split in ('train', 'val'):
        for label in range(102):
            write_image(root / f'flowers/{split}/c{label:03d}/a.jpg', label)


def write_drones(root: Path) -> None:
    """Write COCO JSON with two classes, as get_started says."""
    for split in ('train', 'val'):
        write_coco(root / 'drones', split, ('drone', 'bird'))


def write_three(root: Path) -> None:
    """Write class folders, COCO JSON and masks, as add_source says."""
    for split in ('train', 'val'):
        for i in range(8):
            write_image(root / f'pets/{split}/{("cat", "dog")[i % 2]}/{i}.jpg',
                        i)
            write_image(root / f'roads/images/{split}/{i}.jpg', i)
            mask = np.random.default_rng(i).integers(0, 3, SHAPE)
            write(root / f'roads/masks/{split}/{i}.png', mask)
        write_coco(root / 'cars', split, ('car', 'van'))


def write_coco(root: Path, split: str, classes: tuple[str, ...]) -> None:
    """Write `split.json` and the folder `split`: 12 images, a box in each."""
    height, width = SHAPE
    images, boxes = [], []
    for i in range(12):
        write_image(root / f'{split}/{i}.jpg', i)
        images.append(
            dict(id=i, file_name=f'{i}.jpg', height=height, width=width))
        boxes.append(
            dict(
                id=i,
                image_id=i,
                category_id=i % len(classes) + 1,
                bbox=[5 + i, 7, 40, 30],
                area=1200,
                iscrowd=0))
    names = [dict(id=i, name=name) for i, name in enumerate(classes, 1)]
    (root / f'{split}.json').write_text(
        json.dumps(dict(images=images, annotations=boxes, categories=names)))


def write_image(file: Path, seed: int) -> None:
    """Write noise of `SHAPE` as an image file."""
    write(file, np.random.default_rng(seed).integers(0, 255, (*SHAPE, 3)))


def write(file: Path, pixels: np.ndarray) -> None:
    """Write an image file, and its folder before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), pixels.astype(np.uint8))
