"""A run as one HTML file that needs nothing else: no network, no script."""
import ast
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader

from ..files import write_whole
from ..version import __version__
from . import facts
from .curves import join_iter_of
from .panels import draw_losses, draw_metric
from .report_pictures import inline_panels, read_pictures
from .run_log import RunLog, checkpoints, read_run
from .series import loss_panels, metric_panels


def write_report(work_dir: str | Path, file: Path | None = None) -> Path:
    """Write the report of a run, finished or not.

    Args:
        work_dir: The run's folder.
        file: Where it goes; None for `WORK_DIR/report.html`.

    Returns:
        The file.

    Raises:
        UserError: The folder is no run's.
    """
    run = read_run(work_dir)
    file = file or Path(work_dir) / 'report.html'
    write_whole(file, render(run).encode())
    return file


def render(run: RunLog) -> str:
    """Return the report as HTML."""
    pictures, unreadable = read_pictures(run.work_dir / 'analysis')
    environment = Environment(
        loader=PackageLoader('xlearner_mm.visualization'),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True)
    join_iter, rows = join_iter_of({'': run}), facts.source_rows(run)
    return environment.get_template('report.html').render(
        name=run.work_dir.resolve().name,
        folder=str(run.work_dir.resolve()),
        state=facts.state(run),
        summary=facts.summary(run),
        sources=rows,
        source_cells=[list(row.values()) for row in rows],
        losses=inline_panels(
            loss_panels({'': run}), draw_losses, join_iter, 'l'),
        metrics=inline_panels(
            metric_panels({'': run}), draw_metric, join_iter, 'm'),
        join_iter=join_iter,
        tables=facts.metric_tables(run),
        pictures=pictures,
        config=config_parts(run.config_text),
        setting=run.texts[-1].setting if run.texts else {},
        environment=run.texts[-1].environment if run.texts else {},
        checkpoints=[(name, f'{size / 1e6:,.1f} MB')
                     for name, size in checkpoints(run.work_dir)],
        warnings=facts.warnings_of(run) + unreadable,
        written=f'{datetime.now():%Y-%m-%d %H:%M}',
        version=__version__)


def config_parts(text: str) -> list[tuple[str, str]]:
    """Split a config into its top-level names and their text.

    Example:
        >>> config_parts("a = 1\\nb = dict(\\n    c=2)")
        [('a', 'a = 1'), ('b', 'b = dict(\\n    c=2)')]
    """

    def parts() -> Iterator[tuple[str, str]]:
        lines = text.splitlines()
        for node in ast.parse(text).body:
            name = lines[node.lineno - 1].partition('=')[0].strip()
            yield name, '\n'.join(lines[node.lineno - 1:node.end_lineno])

    try:
        return list(parts())
    except SyntaxError:
        return [('config', text)]
