"""Scenes: a ground, objects on it, and a camera that looks at them."""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .camera import photograph
from .objects import SceneObject, drop_hidden, instance_ids, visible_fractions
from .render import paint_ground, paint_objects

Pairs = Sequence[tuple[str, str]]
_MAX_TILT = np.deg2rad(25.)  # of an object, either way


@dataclass(frozen=True)
class SceneStyle:
    """What makes a set of scenes easy or hard.

    Lengths are fractions of the shorter image side; ranges are inclusive.

    Args:
        num_objects (tuple[int, int]): Number of (side) objects drawn.
        radius (tuple[float, float]): Radius of the (side) objects.
        lead_radius (tuple[float, float], optional): Radius of the one
            dominant object in the middle. Defaults to None: there is none.
        occluder_chance (float): Chance that a small object lies in front of
            the dominant one.
        num_grounds (tuple[int, int]): Number of regions of the ground.
        size_jitter (float): Relative spread of height and width.
    """
    num_objects: tuple[int, int]
    radius: tuple[float, float]
    lead_radius: tuple[float, float] | None = None
    occluder_chance: float = 0.
    num_grounds: tuple[int, int] = (1, 1)
    size_jitter: float = 0.


@dataclass(frozen=True)
class Scene:
    """A rendered scene with all that is known about it.

    Args:
        image (np.ndarray): BGR in [0, 255], uint8, shape (H, W, 3).
        objects (tuple[SceneObject, ...]): Objects from back to front.
        ids (np.ndarray): Index of the visible object plus one, 0 for the
            ground, uint8, shape (H, W).
        grounds (np.ndarray): Index into ``GROUNDS``, uint8, shape (H, W).
        lead (SceneObject, optional): The dominant object. Defaults to None:
            there is none.
        labelled (bool): Whether anybody labelled it. Defaults to True.
    """
    image: np.ndarray
    objects: tuple[SceneObject, ...]
    ids: np.ndarray
    grounds: np.ndarray
    lead: SceneObject | None = None
    labelled: bool = True


def _draw_object(rng: np.random.Generator, size: tuple[int, int], pairs: Pairs,
                 radius: tuple[float, float], centre: tuple[float, float],
                 spread: float) -> SceneObject:
    """An object with a random pair of shape and material, near a point.

    ``centre`` (x, y) and ``spread`` are fractions of width and height.
    """
    shape, material = pairs[rng.integers(len(pairs))]
    x, y = np.array(centre) + rng.uniform(-spread, spread, 2)
    return SceneObject(
        shape,
        material,
        centre=(int(x * size[1]), int(y * size[0])),
        radius=rng.uniform(*radius) * min(size),
        angle=rng.uniform(-_MAX_TILT, _MAX_TILT),
        aspect=rng.uniform(.8, 1.25))


def _arrange(rng: np.random.Generator, style: SceneStyle,
             size: tuple[int, int], pairs: Pairs, lead_pairs: Pairs | None,
             num_objects: int) -> tuple[list, SceneObject | None]:
    """Objects from back to front, and the dominant one among them."""
    middle = (.5, .5)
    objects = [
        _draw_object(rng, size, pairs, style.radius, middle, .47)
        for _ in range(num_objects)
    ]
    if lead_pairs is None:
        return drop_hidden(objects, size), None
    lead = _draw_object(rng, size, lead_pairs, style.lead_radius, middle, .1)
    objects = drop_hidden(objects + [lead], size)
    if rng.random() < style.occluder_chance:
        occluder = _draw_object(rng, size, pairs, style.radius, middle, .3)
        hidden = drop_hidden(objects + [occluder], size)
        seen = visible_fractions(hidden, instance_ids(hidden, size))
        if lead in hidden and seen[hidden.index(lead)] >= .7:
            objects = hidden
    return objects, lead


def make_scene(rng: np.random.Generator,
               style: SceneStyle,
               size: tuple[int, int],
               pairs: Pairs,
               lead_pairs: Pairs | None = None,
               num_objects: int | None = None) -> Scene:
    """Draw and render one scene.

    Args:
        rng (np.random.Generator): The scene is a function of its state.
        style (SceneStyle): Difficulty.
        size (tuple[int, int]): Height and width in pixels.
        pairs (Sequence[tuple[str, str]]): Allowed (shape, material) of the
            objects.
        lead_pairs (Sequence[tuple[str, str]], optional): Allowed pairs of
            the dominant object. Defaults to None: no dominant object.
        num_objects (int, optional): Number of objects drawn. Defaults to
            None: a random number from the style's range.

    Returns:
        Scene: The scene; objects visible for less than ``MIN_VISIBLE`` are
        not in it.

    Example:
        >>> style = SceneStyle(num_objects=(2, 4), radius=(.1, .2))
        >>> scene = make_scene(
        ...     np.random.default_rng(0), style, (48, 64), [('ring', 'dots')])
        >>> scene.image.shape
        (48, 64, 3)
    """
    if num_objects is None:
        low, high = style.num_objects
        num_objects = int(rng.integers(low, high + 1))
    objects, lead = _arrange(rng, style, size, pairs, lead_pairs, num_objects)
    low, high = style.num_grounds
    image, grounds = paint_ground(rng, size, int(rng.integers(low, high + 1)))
    paint_objects(rng, image, objects)
    return Scene(
        photograph(rng, image), tuple(objects), instance_ids(objects, size),
        grounds, lead)
