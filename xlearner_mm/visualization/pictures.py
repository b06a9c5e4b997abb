"""From a figure to a file or an image; needs no display."""
import json
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..errors import UserError

#: Text stays text, and the same picture is the same file.
_STYLE = {'svg.fonttype': 'none', 'svg.hashsalt': 'xlearner_mm'}


def to_image(figure: Figure) -> np.ndarray:
    """Draw a figure as an RGB image, (H, W, 3), 0..255."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def write_picture(figure: Figure, numbers: object, file: Path) -> None:
    """Write a figure, and the numbers in it as JSON beside it.

    Args:
        figure: The figure.
        numbers: What `json` can write; nan becomes null.
        file: `.svg` or `.png`.

    Raises:
        UserError: It has another suffix.
    """
    if file.suffix not in ('.svg', '.png'):
        raise UserError(f'{file}: pictures are written as .svg or .png; give '
                        'one of these suffixes')
    file.parent.mkdir(parents=True, exist_ok=True)
    metadata = dict(Date=None) if file.suffix == '.svg' else None
    with rc_context(_STYLE):
        figure.savefig(file, dpi=120, metadata=metadata)
    file.with_suffix('.json').write_text(
        json.dumps(_plain(numbers), indent=1) + '\n')


def _plain(value: object) -> object:
    """Replace nan, which JSON does not know, in nested numbers."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return None if value != value else value
