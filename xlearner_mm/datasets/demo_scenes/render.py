"""Paint the ground and the objects of a scene.

Colours are drawn without a look at shape, material or kind of ground, so that
colour never tells the label.
"""
import cv2
import numpy as np

from .objects import SceneObject
from .textures import GROUNDS, MATERIALS, paint, texture_grid

_GROUND_PERIOD = (9., 18.)  # pixels
_OBJECT_PERIOD = (5., 8.)  # pixels
_GROUND_CONTRAST = 35.  # least and greatest distance of two colours, BGR
_MUTED = 50.
_OBJECT_CONTRAST = 100.
_FROM_GROUND = 95.


def draw_colour(rng: np.random.Generator, avoid: np.ndarray,
                min_distance: float) -> np.ndarray:
    """Draw a colour that is some way off from another.

    Args:
        rng (np.random.Generator): Source of randomness.
        avoid (np.ndarray): Colour to keep away from, shape (3, ).
        min_distance (float): Euclidean distance wanted, in grey levels.

    Returns:
        np.ndarray: BGR in [15, 240], shape (3, ): the first of twelve drawn
        colours that is far enough, or the farthest of them.
    """
    drawn = rng.uniform(15., 240., (12, 3))
    distances = np.sqrt(((drawn - avoid)**2).sum(axis=1))
    return drawn[np.argmax(np.minimum(distances, min_distance))]


def _regions(rng: np.random.Generator, size: tuple[int, int],
             num: int) -> np.ndarray:
    """Cut the plane into ``num`` wavy strips, (H, W), values 0..num-1."""
    across, along = texture_grid(size, rng.uniform(0., 2 * np.pi), max(size))
    wave = .05 * np.sin(2 * np.pi * (2. * along + rng.random()))
    cuts = (np.arange(1, num) + rng.uniform(-.3, .3, num - 1)) / num - .5
    return np.digitize(across + wave, cuts)


def paint_ground(rng: np.random.Generator, size: tuple[int, int],
                 num_regions: int) -> tuple[np.ndarray, np.ndarray]:
    """Paint regions of different kinds of ground.

    Args:
        rng (np.random.Generator): Source of randomness.
        size (tuple[int, int]): Height and width in pixels.
        num_regions (int): At least 1, at most the number of ``GROUNDS``.

    Returns:
        tuple[np.ndarray, np.ndarray]: BGR in [0, 255], float32, shape
        (H, W, 3), and the index into ``GROUNDS``, uint8, shape (H, W).
    """
    kinds = rng.permutation(len(GROUNDS))[:num_regions]
    regions = _regions(rng, size, num_regions)
    image = np.empty((*size, 3), dtype=np.float32)
    for region, kind in enumerate(kinds):
        u, v = texture_grid(size, rng.uniform(0., 2 * np.pi),
                            rng.uniform(*_GROUND_PERIOD))
        base = rng.uniform(15., 240., 3)
        other = draw_colour(rng, base, _GROUND_CONTRAST)
        step = other - base
        other = base + step * min(1., _MUTED / np.linalg.norm(step))
        texture = list(GROUNDS.values())[kind]
        painted = paint(texture(u, v, rng), np.stack([base, other]))
        cv2.copyTo(painted, (regions == region).astype(np.uint8), image)
    return image, kinds[regions].astype(np.uint8)


def paint_objects(rng: np.random.Generator, image: np.ndarray,
                  objects: list[SceneObject]) -> None:
    """Paint objects into ``image`` in place, from back to front.

    Args:
        rng (np.random.Generator): Source of randomness.
        image (np.ndarray): BGR in [0, 255], float32, shape (H, W, 3).
        objects (list[SceneObject]): Objects from back to front.
    """
    for item in objects:
        in_image, in_patch = item.windows(image.shape[:2])
        behind = image[in_image].mean(axis=(0, 1))
        base = draw_colour(rng, behind, _FROM_GROUND)
        other = draw_colour(rng, base, _OBJECT_CONTRAST)
        u, v = texture_grid(item.alpha.shape, rng.uniform(0., 2 * np.pi),
                            rng.uniform(*_OBJECT_PERIOD))
        amount = MATERIALS[item.material](u, v, rng)
        look = paint(amount, np.stack([base, other]))[in_patch]
        cover = cv2.merge([item.alpha[in_patch].astype(np.float32) / 255.] * 3)
        image[in_image] += cover * (look - image[in_image])
