"""One picture of all that was answered about an image."""
from collections.abc import Mapping

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from .answers import Answer

_COLUMNS = 3
_PANEL = 3.2  # inches
_LEGEND = 6  # classes


def draw_answers(pixels: np.ndarray, answers: Mapping[str,
                                                      Answer]) -> np.ndarray:
    """Draw a panel for each source.

    Args:
        pixels: The image, (H, W, 3), uint8, BGR.
        answers: `{source: answer}`, see :func:`as_answer`.

    Returns:
        The picture, (H, W, 3), uint8, RGB.
    """
    columns = min(_COLUMNS, len(answers))
    rows = -(-len(answers) // columns)
    figure = Figure(
        figsize=(_PANEL * columns, _PANEL * rows), layout='constrained')
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for axis in axes[len(answers):]:
        axis.set_axis_off()
    for axis, (source, answer) in zip(axes, answers.items()):
        axis.set_title(source, fontsize=10)
        _draw(axis, pixels[..., ::-1], answer)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _draw(axis: Axes, pixels: np.ndarray, answer: Answer) -> None:
    if 'boxes' in answer:
        _draw_boxes(axis, pixels, answer)
    elif 'mask' in answer:
        _draw_mask(axis, pixels, answer)
    elif 'depth' in answer:
        axis.imshow(answer['depth'])
        axis.set_axis_off()
    else:
        _draw_scores(axis, answer)


def _draw_scores(axis: Axes, answer: Answer) -> None:
    places = range(len(answer['scores']))
    axis.barh(places, answer['scores'], color='lightsteelblue')
    for place, name, score in zip(places, answer['classes'], answer['scores']):
        axis.text(0.02, place, f'{name}  {score:.0%}', va='center', fontsize=9)
    axis.set(xlim=(0, 1), xticks=[], yticks=[])
    axis.invert_yaxis()


def _draw_boxes(axis: Axes, pixels: np.ndarray, answer: Answer) -> None:
    axis.imshow(pixels)
    axis.set_axis_off()
    for label, name, score, (x1, y1, x2,
                             y2) in zip(answer['labels'], answer['classes'],
                                        answer['scores'], answer['boxes']):
        color = _color(label)
        axis.add_patch(
            Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color=color))
        axis.text(
            x1,
            y1,
            f'{name} {score:.0%}',
            fontsize=7,
            va='top',
            color='white',
            bbox=dict(facecolor=color, linewidth=0, pad=1))


def _draw_mask(axis: Axes, pixels: np.ndarray, answer: Answer) -> None:
    colors = np.zeros(pixels.shape, np.float32)
    for label in answer['labels']:
        colors[answer['mask'] == label] = _color(label)
    axis.imshow(0.5 * pixels / 255 + 0.5 * colors)
    axis.set_axis_off()
    axis.legend(
        handles=[
            Patch(color=_color(label), label=name) for label, name in list(
                zip(answer['labels'], answer['classes']))[:_LEGEND]
        ],
        loc='upper center',
        bbox_to_anchor=(0.5, 0),
        ncols=3,
        fontsize=7,
        frameon=False)


def _color(label: int) -> tuple[float, float, float]:
    """Return a label's color, the same in every picture."""
    return colormaps['tab20'](label % 20)[:3]
