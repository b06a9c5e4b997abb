"""Tiny teachers and a student of their labels (MuST), for tests."""
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config

from ..registry import MODELS
from . import tiny

#: Height and width of the images to label, by path.
IMAGES = {
    'a/0.png': (32, 32),
    'a/deep/1.jpg': (40, 28),
    'a/deep/2.JPG': (33, 47),
    'b/0.png': (32, 32),
    'b/3.png': (32, 32)
}


def write_student(sources: Sequence[dict], root: Path,
                  **kwargs: object) -> Config:
    """Write images, a random teacher for each source, a student's config.

    Args:
        sources: With the pipelines of :mod:`tiny`.
        root: Where `images`, `teachers`, `labels` and `student.py` go.
        **kwargs: Further entries of `pseudo_labels`.

    Returns:
        The config, read from `student.py`.
    """
    _write_images(root / 'images')
    teachers = {
        source['name']: write_teacher(source, root / 'teachers', seed)
        for seed, source in enumerate(sources)
    }
    labels = root / 'labels'
    sources = [reading_labels(s, root / 'images', labels) for s in sources]
    cfg = tiny.run_config(
        sources,
        root / 'run',
        model=dict(
            type='HardSharingModel',
            backbone=tiny.sub_backbone(),
            sources=sources),
        train_cfg=dict(
            type='MultiSourceTrainLoop', max_iters=1, val_interval=9),
        pseudo_labels=dict(
            dict(
                data_root=str(root / 'images'),
                images=['b', 'a'],
                folder=str(labels),
                teachers=teachers), **kwargs))
    return _from_file(cfg, root / 'student.py')


def write_teacher(source: dict, folder: Path, seed: int) -> dict:
    """Write config and random weights; return an entry of `teachers`."""
    folder.mkdir(parents=True, exist_ok=True)
    model = dict(
        type='HardSharingModel',
        backbone=tiny.sub_backbone(),
        sources=[source])
    cfg = dict(default_scope='xlearner_mm', model=model, sources=[source])
    _from_file(cfg, folder / f'{source["name"]}.py')
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        state = MODELS.build(dict(deepcopy(model),
                                  _scope_='xlearner_mm')).state_dict()
    for name, value in state.items():  # or no class stands out
        if name.endswith(('fc.weight', 'conv_seg.weight')):
            value.mul_(40)
    torch.save(dict(state_dict=state), folder / f'{source["name"]}.pth')
    return dict(
        config=str(folder / f'{source["name"]}.py'),
        checkpoint=str(folder / f'{source["name"]}.pth'))


def reading_labels(source: dict, images: Path, labels: Path) -> dict:
    """Return the source with a training set of labels that are written."""
    folder = labels / source['name']
    data_prefix, files = {
        'cls': (str(images),
                dict(
                    ann_file=str(folder / 'labels.txt'),
                    classes=str(folder / 'classes.txt'))),
        'det': (dict(img=str(images)),
                dict(ann_file=str(folder / 'annotations.json'))),
        'seg':
        (dict(img_path=str(images), seg_map_path=str(folder / 'labels')),
         dict(
             ann_file=str(folder / 'images.txt'),
             img_suffix='',
             seg_map_suffix='.png'))
    }[source['task']]
    train = dict(
        source['train'], data_root='', data_prefix=data_prefix, **files)
    return dict(source, train=train)


def _from_file(cfg: dict, file: Path) -> Config:
    """Write a config and read it."""
    Config(deepcopy(cfg), format_python_code=False).dump(file)
    return Config.fromfile(file)


def _write_images(root: Path) -> None:
    rng = np.random.default_rng(29)
    for path, (height, width) in IMAGES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        image = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, 3))
        image = np.kron(image, np.ones((4, 4, 1)))[:height, :width]
        cv2.imwrite(str(root / path), image.astype(np.uint8))
    (root / 'a/notes.txt').write_text('not an image')
