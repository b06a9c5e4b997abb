"""What light and sensor do to a painted scene."""
import cv2
import numpy as np

_EXPOSURE = (.75, 1.2)
_MAX_FALLOFF = .35  # of the light, across the image
_MAX_BLUR = .9  # standard deviation, pixels
_NOISE = (2., 10.)  # standard deviation, grey levels


def _light(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Light that falls off in a random direction, shape (H, W)."""
    height, width = size
    angle = rng.uniform(0., 2 * np.pi)
    y = np.linspace(-.7, .7, height, dtype=np.float32)[:, None]
    x = np.linspace(-.7, .7, width, dtype=np.float32)[None, :]
    ramp = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    falloff = np.float32(rng.uniform(0., _MAX_FALLOFF))
    return np.float32(rng.uniform(*_EXPOSURE)) * (1 + falloff * ramp)


def photograph(rng: np.random.Generator, painting: np.ndarray) -> np.ndarray:
    """Light, blur and sensor noise of random strength.

    Args:
        rng (np.random.Generator): Source of randomness.
        painting (np.ndarray): BGR in [0, 255], float32, shape (H, W, 3).

    Returns:
        np.ndarray: BGR in [0, 255], uint8, shape (H, W, 3).
    """
    light = _light(rng, painting.shape[:2])
    image = painting * cv2.merge([light] * 3)
    blur = rng.uniform(0., _MAX_BLUR)
    if blur > .3:
        image = cv2.GaussianBlur(image, (5, 5), blur)
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    strength = rng.uniform(*_NOISE)
    return cv2.addWeighted(image, 1., grain, strength, 0., dtype=cv2.CV_8U)
