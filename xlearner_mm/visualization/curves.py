"""Pictures of runs: losses and metrics, a small panel for each source."""
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .panels import STYLE, DrawPanel, draw_losses, draw_metric
from .run_log import RunLog, read_run
from .series import Panel, loss_panels, metric_panels

#: Names of the pictures that :func:`plot_runs` writes.
PICTURES = ('losses', 'metrics')
_PANEL = (3.7, 2.6)  # inches


def draw(panels: Sequence[Panel],
         draw_one: DrawPanel = draw_losses,
         join_iter: int | None = None) -> Figure:
    """Draw panels in rows of three, over the same iterations.

    Args:
        panels: At least one.
        draw_one: :func:`draw_losses` or :func:`draw_metric`.
        join_iter: tau; None where there is none.
    """
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    with rc_context(STYLE):
        figure = Figure(
            figsize=(_PANEL[0] * columns, _PANEL[1] * rows + 0.2),
            layout='constrained')
        axes = figure.subplots(rows, columns, sharex=True, squeeze=False)
        for axis, panel in zip(axes.flat, panels):
            draw_one(axis, panel, join_iter)
        for axis in axes.flat[len(panels):]:
            axis.set_axis_off()
        for axis in axes.flat[max(0, len(panels) - columns):len(panels)]:
            axis.set_xlabel('iteration')
            axis.tick_params(labelbottom=True)
        if panels[0].compares:  # one legend for all
            lines = {
                line.get_label(): line
                for axis in axes.flat
                for line in axis.get_lines()
                if not line.get_label().startswith('_')
            }
            figure.legend(
                lines.values(), lines, loc='outside upper left', ncols=4)
        figure.draw_without_rendering()  # its layout settles when repeated
    return figure


def join_iter_of(runs: Mapping[str, RunLog]) -> int | None:
    """Return the tau that all runs which have one share."""
    found = {(run.cfg.get('train_cfg') or {}).get('join_iter')
             for run in runs.values()}
    found -= {None, 0}
    return found.pop() if len(found) == 1 else None


def figures(runs: Mapping[str, RunLog]) -> dict[str, Figure]:
    """Draw 'losses' and 'metrics' of runs, as far as they were logged.

    Args:
        runs: By label.
    """
    join_iter = join_iter_of(runs)
    wanted = dict(
        losses=(loss_panels(runs), draw_losses),
        metrics=(metric_panels(runs), draw_metric))
    return {
        name: draw(panels, draw_one, join_iter)
        for name, (panels, draw_one) in wanted.items() if panels
    }


def plot_runs(work_dirs: Sequence[str | Path], out_dir: Path) -> list[Path]:
    """Write `losses.svg`, and `metrics.svg` where there was a validation.

    Args:
        work_dirs: Those of one run or several.
        out_dir: The folder to write to.

    Returns:
        The files written.

    Raises:
        UserError: One of them is no run.
    """
    runs = {str(folder): read_run(folder) for folder in work_dirs}
    names = [Path(folder).resolve().name for folder in runs]
    if len(set(names)) == len(names):  # short ones will do
        runs = dict(zip(names, runs.values()))
    out_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for name, figure in figures(runs).items():
        file = out_dir / f'{name}.svg'
        with rc_context(STYLE):
            figure.savefig(file, metadata=dict(Date=None))
        written.append(file)
    return written


def draw_run(work_dir: str | Path) -> dict[str, np.ndarray]:
    """Draw a run as images.

    Args:
        work_dir: Its folder.

    Returns:
        'losses' and 'metrics' as far as they were logged, RGB, (H, W, 3),
        0..255.
    """
    images = {}
    for name, figure in figures({'': read_run(work_dir)}).items():
        canvas = FigureCanvasAgg(figure)
        with rc_context(STYLE):
            canvas.draw()
        images[name] = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    return images
