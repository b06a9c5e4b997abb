"""Heat maps with their numbers, in colours told apart with any colour vision.

'cividis' runs from dark blue to yellow, 'PuOr' from orange (negative) over
white to purple.
"""
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from ..analysis.history import History
from ..models.necks import Edge

#: More columns than this get no numbers, which would overlap.
_MOST_NUMBERS = 14
_CELL = 0.52  # inches


def draw_matrix(axes: Axes,
                values: np.ndarray,
                rows: Sequence[str],
                columns: Sequence[str],
                limits: tuple[float, float],
                cmap: str = 'cividis') -> ScalarMappable:
    """Draw a matrix with its numbers.

    Args:
        axes: Where.
        values: (rows, columns); nan is drawn as an empty grey cell.
        rows: Their names, from top to bottom.
        columns: Their names.
        limits: Values of the first and the last colour.
        cmap: Name of a colour map of matplotlib.

    Returns:
        What a colour bar is made of.
    """
    shades = colormaps[cmap].with_extremes(bad='0.88')
    image = axes.imshow(
        np.ma.masked_invalid(values),
        shades,
        vmin=limits[0],
        vmax=limits[1],
        aspect='auto')
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(
        range(len(columns)),
        columns,
        rotation=40,
        ha='right',
        rotation_mode='anchor')
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(rows)) - 0.5, minor=True)
    axes.grid(which='minor', color='white', linewidth=1)
    axes.tick_params(which='minor', length=0)
    digits = 2 if max(map(abs, limits)) >= 0.1 else 3
    if len(columns) <= _MOST_NUMBERS:
        for (i, j), value in np.ndenumerate(values):
            red, green, blue, _ = image.to_rgba(value)
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            axes.text(
                j,
                i,
                f'{value:.{digits}f}' if np.isfinite(value) else '–',
                ha='center',
                va='center',
                fontsize=7,
                color='white' if dark and np.isfinite(value) else 'black')
    return image


def edge_name(edge: Edge) -> str:
    """Name a gamma as ResNets name their stages.

    Example:
        >>> edge_name(Edge.of_key('cls_0_to_det_2'))
        'cls layer1 → det layer3'
    """
    return (f'{edge.src_task} layer{edge.src_stage + 1} → '
            f'{edge.dst_task} layer{edge.dst_stage + 1}')


def draw_gamma_norms(history: History) -> Figure:
    """Draw how much each gamma adds, over time.

    Args:
        history: ||gamma|| / ||E|| by iterations done and `Edge.key`; gammas
            are drawn in order of appearance.
    """
    keys = list(dict.fromkeys(k for row in history.values() for k in row))
    edges = [Edge.of_key(key) for key in keys]
    values = np.array([[row.get(key, np.nan) for row in history.values()]
                       for key in keys])
    width = 3.6 + _CELL * max(5, min(len(history), 2 * _MOST_NUMBERS))
    figure = Figure((width, 1.4 + 0.26 * len(edges)), layout='constrained')
    axes = figure.subplots()
    image = draw_matrix(axes, values, [edge_name(e) for e in edges],
                        [f'{step:,}' for step in history],
                        (0, max(np.nanmax(values), 1e-6)))
    every = -(-len(history) // (2 * _MOST_NUMBERS))
    axes.set_xticks(
        range(0, len(history), every),
        [f'{step:,}' for step in history][::every])
    for i in range(1, len(edges)):  # between target stages
        if edges[i][2:] != edges[i - 1][2:]:
            tasks = edges[i].dst_task != edges[i - 1].dst_task
            axes.axhline(i - 0.5, color='black', lw=1.6 if tasks else 0.6)
    axes.set(
        title='What each reconciliation layer adds', xlabel='iterations done')
    figure.colorbar(image, label='‖γ(E of the source)‖ / ‖E of the target‖')
    return figure


def draw_gradient_conflict(sources: Sequence[str], cosines: np.ndarray,
                           tasks: Mapping[str, str], title: str) -> Figure:
    """Draw the cosines between the gradients of sources.

    Args:
        sources: Their names, in order.
        cosines: (N, N), in [-1, 1]; nan where undefined.
        tasks: The task of each source, for its label.
        title: What the gradients are of.
    """
    side = 2.2 + 0.75 * len(sources)
    figure = Figure((side + 1.2, side), layout='constrained')
    axes = figure.subplots()
    labels = [f'{name} ({tasks[name]})' for name in sources]
    most = max(0.1, np.nanmax(np.abs(cosines), initial=0))
    image = draw_matrix(axes, cosines, labels, labels, (-most, most), 'PuOr')
    axes.set_title(title, fontsize=10)
    figure.colorbar(
        image, label='cosine of gradients (negative: conflict)', shrink=0.9)
    return figure


def draw_cka(names: Sequence[str], stages: Mapping[str, np.ndarray]) -> Figure:
    """Draw how alike networks are, a panel for each stage.

    Args:
        names: Of the networks, in order.
        stages: CKA by stage, (networks, networks) each.
    """
    side = 0.9 + _CELL * len(names)
    figure = Figure((2.2 + side * len(stages), 1.4 + side),
                    layout='constrained')
    axes = figure.subplots(1, len(stages), sharey=True, squeeze=False)[0]
    for axis, (stage, values) in zip(axes, stages.items()):
        image = draw_matrix(axis, values, names, names, (0, 1))
        axis.set_title(stage)
    figure.colorbar(image, ax=axes, label='linear CKA (1: alike)')
    return figure
