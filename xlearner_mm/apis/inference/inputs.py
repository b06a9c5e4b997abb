"""From images of any kind to what the sources' heads are asked with.

An image is (H, W, 3), uint8, its channels in the order of OpenCV: BGR.
"""
from collections.abc import Mapping, Sequence
from pathlib import Path

import mmcv
import numpy as np
from mmengine.registry import TRANSFORMS

from ...errors import UserError
from ...sources import Source

Image = str | Path | np.ndarray

#: What is taken from a folder.
IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
#: Sides of the common input are multiples of a ResNet's stride, so that no
#: head's preprocessor pads it.
_STRIDE = 32


def list_images(inputs: Image | Sequence[Image]) -> list[Image]:
    """List the images of an input, a folder's in the order of their names.

    Args:
        inputs: A path, a folder, an array, or a list of these.

    Raises:
        UserError: There is none, or no such file.
    """
    found: list[Image] = []
    for one in inputs if isinstance(inputs, (list, tuple)) else [inputs]:
        if isinstance(one, (str, Path)) and Path(one).is_dir():
            files = sorted(Path(one).iterdir())
            found += [f for f in files if f.suffix.lower() in IMAGE_SUFFIXES]
        elif isinstance(one, (str, Path)) and not Path(one).is_file():
            raise UserError(f'no image at {one}; check the path')
        else:
            found.append(one)
    if not found:
        raise UserError(f'no images in {inputs}; give a file, a folder with '
                        f'files {", ".join(IMAGE_SUFFIXES)}, or an array')
    return found


def read_image(image: Image) -> np.ndarray:
    """Read a file, or check an array.

    Raises:
        UserError: The file is no image, or the array has another shape or
            type.
    """
    if isinstance(image, (str, Path)):
        pixels = mmcv.imread(str(image))
        if pixels is None:
            raise UserError(f'{image} is no image that OpenCV can read; '
                            'convert it, e.g. to PNG')
        return pixels
    shape, kind = (getattr(image, key, None) for key in ('shape', 'dtype'))
    if not (isinstance(image, np.ndarray) and image.ndim == 3 and shape[2] == 3
            and kind == np.uint8):
        raise UserError(
            f'an image is a path or an array (H, W, 3) of uint8 in BGR order, '
            f'not {type(image).__name__} {shape} {kind}; of RGB, give '
            'array[..., ::-1]')
    return image


class Reader:
    """What the sources are asked with about an image.

    Args:
        sources: The sources.
        scale: (long, short) side that the common input fits into, in pixels;
            None: the image's own size.
        own_inputs: Whether each source's test pipeline makes its input.

    Raises:
        UserError: A source has no test pipeline.
    """

    def __init__(self, sources: Sequence[Source],
                 scale: tuple[int, int] | None, own_inputs: bool) -> None:
        self.scale, self.own_inputs = scale, own_inputs
        self.pipelines = {
            s.name: _build_pipeline(s, own_inputs)
            for s in sources
        }

    def __call__(self, image: Image, number: int,
                 names: Sequence[str]) -> dict[str, dict]:
        """Read an image and prepare it for some sources.

        Args:
            image: The image.
            number: Its number.
            names: The sources.

        Returns:
            `{source: {'inputs': (3, H, W), 'data_samples': ...}}`.
        """
        pixels = read_image(image)
        path = str(image) if isinstance(image, (str, Path)) else ''
        results = dict(
            img=pixels,
            img_path=path,
            img_id=number,
            sample_idx=number,
            ori_shape=pixels.shape[:2],
            img_shape=pixels.shape[:2],
            scale_factor=(1.0, 1.0))
        if not self.own_inputs:
            results.update(_common(pixels, self.scale))
        return {name: self._prepare(name, results) for name in names}

    def _prepare(self, name: str, results: Mapping) -> dict:
        results = dict(results, img=results['img'].copy())
        for transform in self.pipelines[name]:
            results = transform(results)
        return results


def _common(pixels: np.ndarray, scale: tuple[int, int] | None) -> dict:
    """Resize to whole strides, as near to the ratio as these allow."""
    height, width = pixels.shape[:2]
    factor = 1.0 if scale is None else min(
        max(scale) / max(height, width),
        min(scale) / min(height, width))
    new_height, new_width = (
        max(1, round(side * factor / _STRIDE)) * _STRIDE
        for side in (height, width))
    return dict(
        img=mmcv.imresize(pixels, (new_width, new_height)),
        img_shape=(new_height, new_width),
        scale_factor=(new_width / width, new_height / height))


def _build_pipeline(source: Source, whole: bool) -> list:
    """Build a source's test pipeline, or its last step alone.

    Raises:
        UserError: It has none, or it cannot be built.
    """
    steps = (source.test or source.val or {}).get('pipeline')
    if not steps:
        raise UserError(
            f"source '{source.name}': neither `test` nor `val` has a pipeline "
            'that says how an image is packed for its head; add one')
    steps = [s for s in steps if not _name(s).startswith('Load')]
    if not whole:
        steps = [s for s in steps if _name(s).startswith('Pack')]
    return [source.build(TRANSFORMS, s, 'test pipeline') for s in steps]


def _name(step: Mapping) -> str:
    return step['type'].split('.')[-1]
