"""Small files for other tasks than the paper's: depth, several labels.

Layouts are those that `configs/_base_/sources/` and mmseg's and mmpretrain's
datasets read. Polygons of instances are in `source_files.write_coco`.
"""
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from .source_files import write_image, write_lines

#: Labels of the pictures of each split, difficult ones marked: of any number.
VOC_LABELS = (('dog', 'person', 'cat*'), ('sofa', ), ())


def write_depth(root: Path,
                val: str = 'val',
                size: tuple[int, int] = (240, 320)) -> None:
    """Write two pictures to train on and one in the split `val`.

    Their grey level is the depth, 50 levels a metre, of a ramp to the lower
    right corner, 0 to 3.5 m; the left tenth has no depth.

    Args:
        root: Folder of the dataset.
        val: Name of the split to validate on.
        size: Height and width, in pixels.
    """
    height, width = size
    y, x = np.mgrid[:height, :width]
    depth = 1500 * x / width + 2000 * y / height
    for split, names in {'train': '01', val: '2'}.items():
        for name in names:
            grey = np.round(depth / 20).astype(np.uint8)
            known = np.round(depth).clip(1).astype(np.uint16)
            known[:, :width // 10] = 0
            for part, file, pixels in (('images', f'office_{name}.jpg',
                                        grey[..., None].repeat(3, 2)),
                                       ('annotations', f'office_{name}.png',
                                        known)):
                folder = root / part / split
                folder.mkdir(parents=True, exist_ok=True)
                assert cv2.imwrite(str(folder / file), pixels)


def write_voc07(root: Path) -> None:
    """Write the lists, pictures and XML files of VOC2007's two splits."""
    for split in ('trainval', 'test'):
        names = [f'{split}_{i}' for i in range(len(VOC_LABELS))]
        write_lines(root / f'ImageSets/Main/{split}.txt', names)
        for i, (name, labels) in enumerate(zip(names, VOC_LABELS)):
            write_image(root / f'JPEGImages/{name}.jpg', i)
            write_lines(root / f'Annotations/{name}.xml', _objects(labels))


def _objects(labels: Sequence[str]) -> list[str]:
    objects = [
        f'<object><name>{label.rstrip("*")}</name>'
        f'<difficult>{int(label.endswith("*"))}</difficult></object>'
        for label in labels
    ]
    return ['<annotation>', *objects, '</annotation>']
