"""A table and a picture of how a joint iteration grows with T and N."""
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

_HEAD = ('T', 'N', 'Time, s', 'bound', 'ratio', "Memory, MiB, 'joint'",
         'bound', "'per_task'", 'bound', 'Start, s', 'bound')
_SIDES = dict(ours='C0', bound='C1')

#: Panels: title, and how to read a side's value of a row.
_PANELS: dict[str, Callable[[Mapping, str], float]] = {
    'iteration, s': lambda row, side: row['seconds'][side]['median'],
    'peak memory, MiB': lambda row, side: row['peaks']['joint'][side] / 2**20,
    'start, s': lambda row, side: row['start'][side],
}


def write_growth(folder: Path, by_tasks: Sequence[Mapping],
                 by_sources: Sequence[Mapping]) -> None:
    """Write growth.md and growth.svg.

    Args:
        folder: Where to.
        by_tasks: Rows of one source a task, see :func:`growth_table`.
        by_sources: Rows of more sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = {row['setting']: row for row in [*by_tasks, *by_sources]}
    (folder / 'growth.md').write_text(growth_table(list(rows.values())) + '\n')
    with rc_context({'svg.fonttype': 'none', 'svg.hashsalt': 'growth'}):
        draw_growth(by_tasks, by_sources).savefig(
            folder / 'growth.svg', metadata=dict(Date=None))


def growth_table(rows: Sequence[Mapping]) -> str:
    """Return a table in Markdown.

    Args:
        rows: Of each 'setting' 'tasks' (T), 'count' (N), 'ratio' of the times,
            'seconds' (see :func:`.benchmarking.seconds`), 'peaks' in bytes
            (see :meth:`.growth.GrowthComparison.memory`) and 'start' in
            seconds, of either side.
    """
    lines = [_HEAD, ['---'] * len(_HEAD)]
    for row in rows:
        time, _, start = ([f'{read(row, side):.3g}' for side in _SIDES]
                          for read in _PANELS.values())
        memory = [
            f'{row["peaks"][backward][side] / 2**20:,.0f}'
            for backward in ('joint', 'per_task') for side in _SIDES
        ]
        lines.append([
            str(row['tasks']),
            str(row['count']), *time, f'{row["ratio"]:.3f}', *memory, *start
        ])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def draw_growth(by_tasks: Sequence[Mapping],
                by_sources: Sequence[Mapping]) -> Figure:
    """Draw time, memory and start over T, and over N.

    Args: As :func:`write_growth`.
    """
    figure = Figure(figsize=(9, 5), layout='constrained')
    axes = figure.subplots(2, len(_PANELS), squeeze=False)
    for line, (name, rows) in zip(axes, (('tasks', by_tasks),
                                         ('count', by_sources))):
        for axis, (title, read) in zip(line, _PANELS.items()):
            places = [row[name] for row in rows]
            for side, color in _SIDES.items():
                axis.plot(
                    places, [read(row, side) for row in rows],
                    'o-' if side == 'ours' else 's--',
                    color=color,
                    markersize=4,
                    label=side)
            axis.set(
                title=title,
                xlabel=dict(tasks='T tasks', count='N sources')[name],
                xticks=places)
            axis.set_ylim(bottom=0)
            axis.grid(linewidth=0.4)
    axes[0, 0].legend(frameon=False)
    return figure
