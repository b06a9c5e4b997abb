"""Draws one panel: a source's losses, or its key metric."""
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .series import Panel, Points

#: :func:`draw_losses` or :func:`draw_metric`.
DrawPanel: TypeAlias = Callable[[Axes, Panel, int | None], None]
#: Told apart with any colour vision (Okabe and Ito, 2008, without black and
#: yellow), on white and on black.
COLOURS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00')
STYLE = {
    'svg.fonttype': 'none',  # text stays text
    'svg.hashsalt': 'xlearner_mm',  # the same picture is the same file
    'text.parse_math': False,
    'font.size': 9,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.grid': True,
    'axes.axisbelow': True,
    'grid.alpha': 0.25,
    'axes.titleweight': 'bold',
    'axes.titlelocation': 'left',
    'legend.frameon': False,
    'legend.fontsize': 8
}
_DASHES = ('-', (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1.2, 1.5)),
           (0, (3, 1, 1, 1, 1, 1)))


def smooth(values: Sequence[float], share: float = 0.05) -> np.ndarray:
    """Average over a window around each value.

    The window is as wide on its left as on its right, so that curves do not
    lag behind; it narrows towards both ends. Values that are not finite are
    left out.

    Args:
        values: In order.
        share: About which share of all the window spans, in (0, 1].

    Returns:
        As many values; nan where the window has none.

    Example:
        >>> smooth([1.0, float('nan'), 3.0, 4.0], share=0.75)
        array([1. , 2. , 3.5, 4. ])
    """
    values = np.asarray(values, float)
    finite, count = np.isfinite(values), len(values)
    sums = np.cumsum([0.0, *np.where(finite, values, 0.0)])
    numbers = np.cumsum([0, *finite])
    place = np.arange(count)
    half = np.minimum(
        int(share * count / 2 + 0.5), np.minimum(place, count - 1 - place))
    first, last = place - half, place + half + 1
    with np.errstate(invalid='ignore'):
        return (sums[last] - sums[first]) / (numbers[last] - numbers[first])


def wants_log(panel: Panel) -> bool:
    """Whether a panel's main curve spans more than a factor of ten."""
    values = [v for p in panel.curves.values() for _, v in p[len(p) // 50:]]
    values = [v for v in values if math.isfinite(v)]
    main = [v for _, v in next(iter(panel.curves.values()))]
    main = [v for v in smooth(main) if math.isfinite(v)]
    return bool(
        values and main and min(values) > 0 and max(main) > 10 * min(main))


def draw_losses(axes: Axes, panel: Panel, join_iter: int | None) -> None:
    """Draw a source's losses: as logged, faint, and smoothed.

    Args:
        axes: Where.
        panel: The source's.
        join_iter: tau, marked by a line; None where there is none.
    """
    for n, (label, points) in enumerate(panel.curves.items()):
        steps, values = _columns(points)
        main = n == 0 or panel.compares
        look = dict(
            color=COLOURS[n % len(COLOURS)], ls=_DASHES[n % len(_DASHES)])
        if main:
            axes.plot(steps, values, color=look['color'], lw=0.6, alpha=0.4)
        few = 'o' if len(steps) < 3 else None
        axes.plot(
            steps,
            smooth(values),
            lw=1.8 if main else 1.2,
            label=label,
            marker=few,
            ms=3,
            **look)
    if wants_log(panel):
        axes.set_yscale('log')
    _finish(axes, panel, join_iter)


def draw_metric(axes: Axes, panel: Panel, join_iter: int | None) -> None:
    """Draw a source's key metric at every validation.

    Args:
        axes: Where.
        panel: The source's.
        join_iter: See :func:`draw_losses`.
    """
    for n, (label, points) in enumerate(panel.curves.items()):
        axes.plot(
            *_columns(points),
            color=COLOURS[n % len(COLOURS)],
            ls=_DASHES[n % len(_DASHES)],
            marker='os^Dv'[n % 5],
            ms=4,
            label=label)
    _finish(axes, panel, join_iter)


def _columns(points: Points) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]


def _finish(axes: Axes, panel: Panel, join_iter: int | None) -> None:
    if join_iter:
        axes.axvline(join_iter, color='0.5', lw=1, ls=':')
        axes.annotate(
            f'τ = {join_iter:,}', (join_iter, 1),
            xycoords=('data', 'axes fraction'),
            ha='center',
            va='bottom',
            fontsize=8)
    log = ', log' if axes.get_yscale() == 'log' else ''
    axes.set_title(panel.title)
    axes.set_ylabel(f'{panel.unit}{log}')
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda x, _: f'{x:,.0f}')
    if len(panel.curves) > 1 and not panel.compares:
        low, high = axes.get_ylim()  # room for the legend
        share = 0.16 * math.ceil(len(panel.curves) / 2)
        axes.set_ylim(top=high * (high / low)**share if log else high +
                      (high - low) * share)
        axes.legend(
            loc='upper right', ncols=2, handlelength=2.2, columnspacing=1)
