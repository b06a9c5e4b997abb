"""Write scenes as the files that mmpretrain, mmdet and mmseg read.

Layout of a set, ``NNNNNN`` counting from 000000:

- ``'cls'``: ``{split}/{class name}/NNNNNN.jpg``
- ``'det'``: ``{split}/NNNNNN.jpg`` and ``annotations/{split}.json`` (COCO)
- ``'seg'``: ``img_dir/{split}/NNNNNN.jpg`` and ``ann_dir/{split}/NNNNNN.png``
"""
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from .labels import coco_annotations, label_map
from .scenes import Scene
from .sets import DemoSet

_JPEG_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]
Writer = Callable[[Path, DemoSet, str, Iterable[Scene]], None]


def write_image(path: Path, image: np.ndarray) -> None:
    """Write an image, JPEG or PNG by the suffix of ``path``.

    Args:
        path (Path): File to write; its folder is made.
        image (np.ndarray): BGR (H, W, 3) or single channel (H, W), uint8.
    """
    quality = _JPEG_QUALITY if path.suffix == '.jpg' else []
    _, encoded = cv2.imencode(path.suffix, image, quality)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded.tobytes())


def write_class_folders(folder: Path, demo_set: DemoSet, split: str,
                        scenes: Iterable[Scene]) -> None:
    """Write a split of a ``'cls'`` set; the lead gives the class.

    Args:
        folder (Path): Folder of the set.
        demo_set (DemoSet): What the set shows.
        split (str): Name of the split.
        scenes (Iterable[Scene]): Scenes with a lead.
    """
    for index, scene in enumerate(scenes):
        name = demo_set.class_of(*scene.lead.pair)
        write_image(folder / split / name / f'{index:06d}.jpg', scene.image)


def write_coco(folder: Path, demo_set: DemoSet, split: str,
               scenes: Iterable[Scene]) -> None:
    """Write a split of a ``'det'`` set.

    Args:
        folder (Path): Folder of the set.
        demo_set (DemoSet): What the set shows.
        split (str): Name of the split.
        scenes (Iterable[Scene]): Scenes of any size.
    """
    images, annotations = [], []
    for index, scene in enumerate(scenes):
        name = f'{index:06d}.jpg'
        write_image(folder / split / name, scene.image)
        height, width = scene.ids.shape
        images.append(
            dict(id=index + 1, file_name=name, height=height, width=width))
        for annotation in coco_annotations(scene, demo_set):
            annotations.append(
                dict(
                    id=len(annotations) + 1, image_id=index + 1, **annotation))
    categories = [
        dict(id=number, name=name)
        for number, name in enumerate(demo_set.classes, start=1)
    ]
    path = folder / 'annotations' / f'{split}.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            dict(
                info=dict(description='xlearner_mm demo scenes'),
                images=images,
                annotations=annotations,
                categories=categories)))


def write_index_png(folder: Path, demo_set: DemoSet, split: str,
                    scenes: Iterable[Scene]) -> None:
    """Write a split of a ``'seg'`` set.

    Args:
        folder (Path): Folder of the set.
        demo_set (DemoSet): What the set shows.
        split (str): Name of the split.
        scenes (Iterable[Scene]): Scenes of any size.
    """
    for index, scene in enumerate(scenes):
        stem = f'{index:06d}'
        write_image(folder / 'img_dir' / split / f'{stem}.jpg', scene.image)
        write_image(folder / 'ann_dir' / split / f'{stem}.png',
                    label_map(scene, demo_set))


#: Writer of each task.
WRITERS: dict[str, Writer] = dict(
    cls=write_class_folders, det=write_coco, seg=write_index_png)
