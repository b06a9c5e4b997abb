"""Outlines of the demo's shapes and their anti-aliased masks."""
import cv2
import numpy as np

_SUPERSAMPLE = 4


def _arc(start: float,
         stop: float,
         radius: float = 1.,
         x: float = 0.,
         y: float = 0.,
         num: int = 40) -> np.ndarray:
    """Points of a circular arc; angles in degrees, shape (num, 2)."""
    angles = np.deg2rad(np.linspace(start, stop, num))
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return radius * points + (x, y)


def _regular(num: int) -> np.ndarray:
    """Corners of a regular polygon on the unit circle, shape (num, 2)."""
    return _arc(0., 360. * (num - 1) / num, num=num)


def _star(num: int, inner: float) -> np.ndarray:
    """Corners of a star with ``num`` tips, shape (2 * num, 2)."""
    radii = np.tile([1., inner], num)
    return _regular(2 * num) * radii[:, None]


def _heart() -> np.ndarray:
    """The usual parametric heart, scaled into the unit circle."""
    t = np.linspace(0., 2 * np.pi, 48)
    x = 16 * np.sin(t)**3
    y = (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) -
         np.cos(4 * t))
    return np.stack([x, -y - 2.5], axis=1) / 16.


def _polygon(*points: tuple[float, float]) -> np.ndarray:
    """Corners given one by one, shape (num, 2)."""
    return np.array(points)


#: Closed contours of each shape, inside the unit circle (about), y downwards;
#: filled by the even-odd rule, so that a second contour cuts a hole.
SHAPES: dict[str, tuple[np.ndarray, ...]] = {
    'arrow': (_polygon((-1, -.25), (.15, -.25), (.15, -.75), (1, 0),
                       (.15, .75), (.15, .25), (-1, .25)), ),
    'bolt': (_polygon((-.1, -1), (.6, -1), (.2, -.25), (.65, -.25), (-.45, 1),
                      (-.15, .1), (-.6, .1)), ),
    'circle': (_arc(0, 360) * .9, ),
    'crescent': (np.concatenate([
        _arc(51.3, 308.7),
        _arc(282.6, 77.4, radius=.8, x=.45),
    ]) + (.2, 0), ),
    'cross': (_polygon((-.3, -1), (.3, -1), (.3, -.3), (1, -.3), (1, .3),
                       (.3, .3), (.3, 1), (-.3, 1), (-.3, .3), (-1, .3),
                       (-1, -.3), (-.3, -.3)), ),
    'drop': (np.concatenate([
        _arc(-20, 200, radius=.68, y=.3),
        _polygon((0, -1.1)),
    ]), ),
    'ell': (_polygon((-.7, -.95), (-.1, -.95), (-.1, .35), (.75, .35),
                     (.75, .95), (-.7, .95)), ),
    'heart': (_heart(), ),
    'hexagon': (_regular(6), ),
    'ring': (_arc(0, 360), _arc(0, 360, radius=.5)),
    'square': (_regular(4), ),
    'star': (_star(5, inner=.42), ),
    'tee': (_polygon((-.9, -.9), (.9, -.9), (.9, -.35), (.28, -.35), (.28, 1),
                     (-.28, 1), (-.28, -.35), (-.9, -.35)), ),
    'triangle': (_regular(3), ),
}  # yapf: disable


def shape_alpha(shape: str, radius: float, angle: float,
                aspect: float) -> np.ndarray:
    """Draw the coverage mask of a shape.

    Args:
        shape (str): A key of ``SHAPES``.
        radius (float): Radius of the unit circle, in pixels.
        angle (float): Rotation in radians.
        aspect (float): Width over height before the rotation; the area does
            not depend on it.

    Returns:
        np.ndarray: Covered fraction of each pixel in [0, 255], uint8, shape
        (P, P), the shape's origin in the middle.

    Example:
        >>> alpha = shape_alpha('square', radius=10., angle=0., aspect=1.)
        >>> alpha.shape, int(alpha.max())
        ((25, 25), 255)
    """
    stretch = np.array([np.sqrt(aspect), 1. / np.sqrt(aspect)])
    half = int(np.ceil(1.1 * radius * stretch.max())) + 1
    size = 2 * half + 1
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, sin], [-sin, cos]])
    contours = [
        np.round(((points * stretch * radius) @ rotation + half + .5) *
                 _SUPERSAMPLE - .5).astype(np.int32)
        for points in SHAPES[shape]
    ]
    canvas = np.zeros((size * _SUPERSAMPLE, ) * 2, dtype=np.uint8)
    cv2.fillPoly(canvas, contours, 255)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
