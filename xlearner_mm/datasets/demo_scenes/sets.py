"""The demo's data sets: five sources to learn from, three to transfer to.

Shapes and materials of the transfer sets never occur in the sources.
"""
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

from .scenes import SceneStyle
from .textures import GROUNDS

_SHAPES = ('arrow', 'circle', 'crescent', 'cross', 'ell', 'square', 'star',
           'triangle')
_NEW_SHAPES = ('bolt', 'drop', 'heart', 'hexagon', 'ring', 'tee')
_MATERIALS = ('checker', 'dots', 'flat', 'gradient', 'grain', 'ripples',
              'stripes')
_NEW_MATERIALS = ('bricks', 'chevron', 'mesh')
_PARTS = ('arrow', 'crescent', 'cross', 'ell', 'square', 'star')
_FABRIC = ('checker', 'dots', 'flat', 'grain', 'stripes')
_FIGURES = ('bolt', 'heart', 'ring', 'tee')
_GROUP_OF = dict(
    arrow='pointed',
    circle='round',
    crescent='round',
    cross='blocky',
    ell='blocky',
    square='blocky',
    star='pointed',
    triangle='pointed')

_ONE_LARGE = SceneStyle(
    num_objects=(0, 1),
    radius=(.09, .16),
    lead_radius=(.36, .46),
    occluder_chance=.2)
_SEVERAL = SceneStyle(
    num_objects=(2, 4), radius=(.14, .25), num_grounds=(1, 2), size_jitter=.12)
_LAYOUT = SceneStyle(num_objects=(2, 5), radius=(.1, .24), num_grounds=(2, 3))
_SOME_LARGER = SceneStyle(num_objects=(2, 5), radius=(.12, .26))


def _shape(shape: str, material: str) -> str:
    return shape


def _material(shape: str, material: str) -> str:
    return material


def _group(shape: str, material: str) -> str:
    return _GROUP_OF[shape]


def _both(shape: str, material: str) -> str:
    return f'{shape}_{material}'


@dataclass(frozen=True)
class DemoSet:
    """What one data set shows and how it names it.

    Args:
        task (str): ``'cls'`` (class folders), ``'det'`` (COCO JSON) or
            ``'seg'`` (index PNG).
        transfer (bool): Whether it is held out of the pre-training.
        classes (tuple[str, ...]): Class names; the index is the label.
        shapes (tuple[str, ...]): Shapes that occur.
        materials (tuple[str, ...]): Materials that occur.
        style (SceneStyle): Difficulty.
        class_of (Callable): From shape and material of an object to its
            class name.
        ground_of (Callable, optional): From a kind of ground to its class
            name. Only for ``'seg'``. Defaults to None.
    """
    task: Literal['cls', 'det', 'seg']
    transfer: bool
    classes: tuple[str, ...]
    shapes: tuple[str, ...]
    materials: tuple[str, ...]
    style: SceneStyle
    class_of: Callable[[str, str], str]
    ground_of: Callable[[str], str] | None = None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """list[tuple[str, str]]: Every (shape, material) that occurs."""
        return list(product(self.shapes, self.materials))

    def pairs_of(self, label: int) -> list[tuple[str, str]]:
        """Every (shape, material) of one class."""
        name = self.classes[label]
        return [pair for pair in self.pairs if self.class_of(*pair) == name]


#: All sets by name, sources first. Class names of ``'cls'`` sets are sorted,
#: because mmpretrain's ``CustomDataset`` numbers the folders in that order.
DEMO_SETS: dict[str, DemoSet] = dict(
    shapes=DemoSet('cls', False, _SHAPES, _SHAPES, _MATERIALS, _ONE_LARGE,
                   _shape),
    materials=DemoSet('cls', False, _MATERIALS, _SHAPES, _MATERIALS,
                      _ONE_LARGE, _material),
    parts=DemoSet('det', False, _PARTS, _PARTS, _MATERIALS, _SEVERAL, _shape),
    fabric=DemoSet('det', False, _FABRIC, _SHAPES, _FABRIC, _SEVERAL,
                   _material),
    layout=DemoSet('seg', False, (*GROUNDS, *sorted(set(_GROUP_OF.values()))),
                   _SHAPES, _MATERIALS, _LAYOUT, _group, lambda kind: kind),
    down_cls=DemoSet(
        'cls', True,
        tuple(_both(*pair) for pair in product(_FIGURES, _NEW_MATERIALS)),
        _FIGURES, _NEW_MATERIALS, _ONE_LARGE, _both),
    down_det=DemoSet('det', True, _NEW_SHAPES, _NEW_SHAPES,
                     _MATERIALS + _NEW_MATERIALS, _SEVERAL, _shape),
    down_seg=DemoSet('seg', True, ('background', *_NEW_SHAPES), _NEW_SHAPES,
                     _MATERIALS + _NEW_MATERIALS, _SOME_LARGER, _shape,
                     lambda kind: 'background'),
)

#: Class names of every set; the index is the label.
DEMO_CLASSES: dict[str, tuple[str, ...]] = {
    name: demo_set.classes
    for name, demo_set in DEMO_SETS.items()
}
