"""Procedural textures: the materials of objects and the kinds of ground.

A texture is a function of texture coordinates ``u, v`` (float32, one unit is
one period, shape (H, W), origin in the middle) and a random generator; it
returns how much of the second of two colours each pixel has, in [0, 1].
"""
from collections.abc import Callable

import cv2
import numpy as np

Array = np.ndarray
Rng = np.random.Generator
Texture = Callable[[Array, Array, Rng], Array]

_LATTICE = 32


def _noise(u: Array,
           v: Array,
           rng: Rng,
           interpolation: int = cv2.INTER_LINEAR) -> Array:
    """Value noise in [0, 1]: one random number per unit of ``u, v``."""
    lattice = rng.random((_LATTICE, _LATTICE), dtype=np.float32)
    return cv2.remap(
        lattice,
        u % _LATTICE,
        v % _LATTICE,
        interpolation,
        borderMode=cv2.BORDER_WRAP)


def _wave(x: Array, sharpness: float = 2.5) -> Array:
    """Periodic steps between 0 and 1 with soft edges."""
    return np.clip(.5 + sharpness * np.sin(2 * np.pi * x), 0., 1.)


def _triangle_wave(x: Array) -> Array:
    """Zigzag between 0 and 1, period 1."""
    return np.abs(2. * (x % 1.) - 1.)


def _flat(u: Array, v: Array, rng: Rng) -> Array:
    return np.zeros_like(u)


def _stripes(u: Array, v: Array, rng: Rng) -> Array:
    return _wave(u)


def _checker(u: Array, v: Array, rng: Rng) -> Array:
    return np.clip(.5 + 3. * np.sin(np.pi * u) * np.sin(np.pi * v), 0., 1.)


def _dots(u: Array, v: Array, rng: Rng) -> Array:
    distance = np.hypot(u % 1. - .5, v % 1. - .5)
    return np.clip((.34 - distance) * 8. + .5, 0., 1.)


def _gradient(u: Array, v: Array, rng: Rng) -> Array:
    return np.clip((u - u.min()) / (np.ptp(u) + 1e-6) * 1.6 - .3, 0., 1.)


def _grain(u: Array, v: Array, rng: Rng) -> Array:
    return _noise(4. * u, 4. * v, rng, cv2.INTER_NEAREST)


def _ripples(u: Array, v: Array, rng: Rng) -> Array:
    return _wave(np.hypot(u, v))


def _bricks(u: Array, v: Array, rng: Rng) -> Array:
    row = np.floor(1.4 * v)
    across = np.abs((.7 * u + .5 * row) % 1. - .5)
    along = np.abs((1.4 * v) % 1. - .5)
    return np.clip(np.maximum(across * 1.4 - .54, along - .28) * 9., 0., 1.)


def _chevron(u: Array, v: Array, rng: Rng) -> Array:
    return _wave(u + .8 * _triangle_wave(.6 * v))


def _mesh(u: Array, v: Array, rng: Rng) -> Array:
    gap = np.minimum(_triangle_wave(u), _triangle_wave(v))
    return np.clip((.45 - gap) * 4., 0., 1.)


def _clouds(u: Array, v: Array, rng: Rng) -> Array:
    octaves = [_noise(2.**k * u, 2.**k * v, rng) / 2.**k for k in range(3)]
    return np.clip((sum(octaves) - .3) / 1.15, 0., 1.)


def _blobs(u: Array, v: Array, rng: Rng) -> Array:
    smooth = _noise(1.5 * u, 1.5 * v, rng, cv2.INTER_CUBIC)
    return np.clip((smooth - .55) * 6. + .5, 0., 1.)


#: Textures of objects, by name.
MATERIALS: dict[str, Texture] = dict(
    bricks=_bricks,
    checker=_checker,
    chevron=_chevron,
    dots=_dots,
    flat=_flat,
    gradient=_gradient,
    grain=_grain,
    mesh=_mesh,
    ripples=_ripples,
    stripes=_stripes)

#: Textures of the ground behind the objects, by name.
GROUNDS: dict[str, Texture] = dict(
    bands=_stripes,
    blobs=_blobs,
    clouds=_clouds,
    slope=_gradient,
    tiles=_checker)


def texture_grid(size: tuple[int, int], angle: float,
                 period: float) -> tuple[np.ndarray, np.ndarray]:
    """Texture coordinates of an image.

    Args:
        size (tuple[int, int]): Height and width in pixels.
        angle (float): Rotation in radians.
        period (float): Pixels per unit.

    Returns:
        tuple[np.ndarray, np.ndarray]: ``u`` and ``v``, float32, shape (H, W),
        zero in the middle.
    """
    height, width = size
    y = (np.arange(height, dtype=np.float32)[:, None] - height / 2) / period
    x = (np.arange(width, dtype=np.float32)[None, :] - width / 2) / period
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def paint(amount: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Mix two colours.

    Args:
        amount (np.ndarray): Share of the second colour in [0, 1], float32,
            shape (H, W).
        colours (np.ndarray): Two BGR colours in [0, 255], (2, 3).

    Returns:
        np.ndarray: BGR image in [0, 255], float32, shape (H, W, 3).
    """
    first, second = colours
    mix = np.stack([second - first, first], axis=1)
    return cv2.transform(amount, mix)
