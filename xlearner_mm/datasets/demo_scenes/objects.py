"""Objects of a scene: what they are, where they lie, what hides them."""
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .shapes import shape_alpha

#: An object of which less than this fraction is visible leaves the scene.
MIN_VISIBLE = .25


@dataclass(frozen=True)
class SceneObject:
    """One object; lengths in pixels, angles in radians.

    Args:
        shape (str): A key of ``SHAPES``.
        material (str): A key of ``MATERIALS``.
        centre (tuple[int, int]): Column and row of its origin.
        radius (float): Radius of the circle around it.
        angle (float): Rotation.
        aspect (float): Width over height before the rotation.
    """
    shape: str
    material: str
    centre: tuple[int, int]
    radius: float
    angle: float = 0.
    aspect: float = 1.

    @property
    def pair(self) -> tuple[str, str]:
        """tuple[str, str]: Shape and material."""
        return self.shape, self.material

    @cached_property
    def alpha(self) -> np.ndarray:
        """np.ndarray: Coverage in [0, 255], uint8, shape (P, P)."""
        return shape_alpha(self.shape, self.radius, self.angle, self.aspect)

    @cached_property
    def full_area(self) -> int:
        """int: Pixels it would have unhidden, outside of the image too."""
        return int((self.alpha > 127).sum())

    def windows(self, size: tuple[int, int]) -> tuple[tuple, tuple]:
        """Where the object meets an image of ``size`` (height, width).

        Returns:
            tuple[tuple, tuple]: Row and column slices into the image, and
            the matching slices into ``alpha``; empty ones when it lies
            outside.
        """
        patch = len(self.alpha)
        in_image, in_patch = [], []
        for middle, limit in zip(self.centre[::-1], size):
            start = middle - patch // 2
            low = min(max(start, 0), limit)
            high = max(min(start + patch, limit), low)
            in_image.append(slice(low, high))
            in_patch.append(slice(low - start, high - start))
        return tuple(in_image), tuple(in_patch)


def instance_ids(objects: list[SceneObject], size: tuple[int,
                                                         int]) -> np.ndarray:
    """Paint which object is visible where; later ones hide earlier ones.

    Args:
        objects (list[SceneObject]): Objects from back to front.
        size (tuple[int, int]): Height and width in pixels.

    Returns:
        np.ndarray: Index of the visible object plus one, 0 for the ground,
        uint8, shape (H, W).
    """
    ids = np.zeros(size, dtype=np.uint8)
    for number, item in enumerate(objects, start=1):
        in_image, in_patch = item.windows(size)
        ids[in_image][item.alpha[in_patch] > 127] = number
    return ids


def visible_fractions(objects: list[SceneObject],
                      ids: np.ndarray) -> np.ndarray:
    """Visible pixels over all pixels of each object, shape (num_objects, ).

    Args:
        objects (list[SceneObject]): Objects from back to front.
        ids (np.ndarray): Result of :func:`instance_ids`.
    """
    visible = np.bincount(ids.ravel(), minlength=len(objects) + 1)[1:]
    return visible / np.array([max(item.full_area, 1) for item in objects])


def drop_hidden(objects: list[SceneObject],
                size: tuple[int, int]) -> list[SceneObject]:
    """Leave out objects that are hidden or cut off for the greater part.

    One pass is enough: an object that leaves only uncovers others.
    """
    fractions = visible_fractions(objects, instance_ids(objects, size))
    return [o for o, f in zip(objects, fractions) if f >= MIN_VISIBLE]
