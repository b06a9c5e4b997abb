"""A picture of all systems: every seed a dot."""
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .comparing import TRANSFERS
from .table import SYSTEMS

#: The system with a line down the panels.
REFERENCE = 'hard-sharing'


def draw(rows: Sequence[Mapping]) -> Figure:
    """Draw a panel for each transfer: a dot a seed, a bar at their mean.

    Args:
        rows: See :func:`.report.write_report`.
    """
    names = [s for s in SYSTEMS if any(r['system'] == s for r in rows)]
    figure = Figure(figsize=(9.6, 1.2 + 0.3 * len(names)), layout='tight')
    axes = figure.subplots(1, len(TRANSFERS), sharey=True, squeeze=False)
    for axis, metric in zip(axes[0], TRANSFERS.values()):
        for place, name in enumerate(names):
            values = [
                v for row in rows if row['system'] == name
                for v in metric.read(row).values()
            ]
            _draw_system(axis, values, place, name == REFERENCE)
        axis.set(title=metric.title, xlabel='percent')
        axis.grid(axis='y', linewidth=0.4)
    axes[0, 0].set_yticks(
        range(len(names)), [SYSTEMS[name].title for name in names])
    axes[0, 0].invert_yaxis()
    return figure


def _draw_system(axis: Axes, values: Sequence[float], place: int,
                 is_reference: bool) -> None:
    """Draw the seeds of one system at a height."""
    color = 'C1' if is_reference else 'C0'
    axis.plot(values, [place] * len(values), 'o', color=color, alpha=0.5)
    if values:
        axis.plot([np.mean(values)], [place], '|', color=color, ms=16, mew=2.5)
    if values and is_reference:
        axis.axvline(np.mean(values), color=color, linewidth=0.8, ls='--')
