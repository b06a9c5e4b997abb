"""The endless stream of scenes behind each split of each set."""
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .scenes import Scene, make_scene
from .sets import DEMO_SETS, DemoSet

_EMPTY = 1  # image without objects (det) or without labels (seg, train)
_ODD = 2  # image of odd height and width (seg, train)


def _draw_size(rng: np.random.Generator, side: int,
               jitter: float) -> tuple[int, int]:
    """Height and width in pixels around ``side``."""
    scale = 1. + rng.uniform(-jitter, jitter, 2)
    return int(round(side * scale[0])), int(round(side * scale[1]))


def _make_one(demo_set: DemoSet, split: str, index: int, image_size: int,
              rng: np.random.Generator) -> Scene:
    """Scene number ``index`` of a split."""
    if demo_set.task == 'cls':
        label = index % len(demo_set.classes)
        return make_scene(rng, demo_set.style, (image_size, image_size),
                          demo_set.pairs, demo_set.pairs_of(label))
    side = image_size * 3 // 2
    if demo_set.task == 'det':
        return make_scene(
            rng,
            demo_set.style,
            _draw_size(rng, side, demo_set.style.size_jitter),
            demo_set.pairs,
            num_objects=0 if index == _EMPTY else None)
    odd = split == 'train' and index == _ODD
    size = (side * 5 // 6 | 1, side * 4 // 3 | 1) if odd else (side, side)
    scene = make_scene(rng, demo_set.style, size, demo_set.pairs)
    return replace(scene, labelled=split != 'train' or index != _EMPTY)


def make_scenes(name: str,
                split: str,
                num_images: int,
                image_size: int = 64,
                seed: int = 0) -> Iterator[Scene]:
    """Render the scenes of one split.

    Args:
        name (str): A key of ``DEMO_SETS``.
        split (str): Name of the split; other splits show other scenes.
        num_images (int): Number of scenes.
        image_size (int): Side of the images of ``'cls'`` sets in pixels, two
            thirds of the (mean) side of the others. Defaults to 64.
        seed (int): Seed, not negative. Defaults to 0.

    Yields:
        Scene: A function of ``name``, ``split``, its index, ``image_size``
        and ``seed`` alone.
    """
    stream = zlib.crc32(f'{name}/{split}'.encode())
    for index in range(num_images):
        rng = np.random.default_rng([seed, stream, index])
        yield _make_one(DEMO_SETS[name], split, index, image_size, rng)
