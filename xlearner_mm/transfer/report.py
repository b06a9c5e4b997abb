"""The table and the chart of a transfer suite."""
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure

from ..environment import installed_versions
from .suite import Suite


def describe_environment() -> dict[str, object]:
    """Tell what the numbers were measured on."""
    return dict(
        python=platform.python_version(),
        torch=torch.__version__,
        **installed_versions(),
        cores=os.cpu_count(),
        threads=torch.get_num_threads())


def results(rows: Sequence[Mapping], suite: Suite) -> list[dict]:
    """Put the paper's numbers and the averages beside the rows.

    Args:
        rows: What :meth:`Transfer.run` returns.
        suite: The suite.

    Returns:
        A row for each task and each average: 'title', 'paper' and 'method'
        (None and '' where the paper gives no number), 'scores' by checkpoint
        (None where there is none), 'differences' to the paper and 'notes' by
        checkpoint.
    """
    names = list(dict.fromkeys(row['checkpoint'] for row in rows))
    by_task = {(r['task'], r['checkpoint']): r for r in rows}
    scores = {key: row['score'] for key, row in by_task.items()}
    lines = [
        dict(
            _line(t.title, t.paper, t.paper_method,
                  {n: scores[t.name, n]
                   for n in names}),
            notes={n: by_task[t.name, n]['note']
                   for n in names}) for t in suite.tasks
    ]
    for title, average in suite.averages.items():
        members = [t.name for t in suite.tasks if t.average == title]
        means = {n: _mean([scores[m, n] for m in members]) for n in names}
        lines.append(
            _line(f'{title} ({len(members)} tasks)', average.get('paper'),
                  average.get('paper_method', ''), means))
    return lines


def _line(title: str, paper: float | None, method: str,
          scores: Mapping[str, float | None]) -> dict:
    differences = {
        n: None if paper is None or s is None else s - paper
        for n, s in scores.items()
    }
    return dict(
        title=title,
        paper=paper,
        method=method,
        scores=dict(scores),
        differences=differences,
        notes=dict.fromkeys(scores, ''))


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean; None if any is missing, so that it is never partial."""
    if not values or None in values:
        return None
    return sum(values) / len(values)


def markdown(lines: Sequence[Mapping]) -> str:
    """Lay :func:`results` out as a table, the paper's part if it has one."""
    names = list(lines[0]['scores'])
    rows = [['task', *names]
            ] + [[line['title'], *(_cell(line, n) for n in names)]
                 for line in lines]
    if any(line['paper'] is not None for line in lines):
        rows[0] += ['paper', *(f'{n} - paper' for n in names)]
        for row, line in zip(rows[1:], lines):
            method = f' ({line["method"]})' if line['method'] else ''
            row += [
                _number(line['paper']) + method,
                *(_number(line['differences'][n], '+') for n in names)
            ]
    rows.insert(1, ['---'] * len(rows[0]))
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def _cell(line: Mapping, name: str) -> str:
    note = line['notes'][name]
    return _number(line['scores'][name]) + (f' ({note})' if note else '')


def _number(value: float | None, sign: str = '') -> str:
    return '-' if value is None else f'{value:{sign}.1f}'


def draw(lines: Sequence[Mapping], file: Path) -> None:
    """Draw a group of bars for each task, one bar a checkpoint.

    Args:
        lines: What :func:`results` returns.
        file: The PNG to write.
    """
    names = [*lines[0]['scores'], 'paper']
    shown = [dict(line['scores'], paper=line['paper']) for line in lines]
    names = [n for n in names if any(s[n] is not None for s in shown)]
    if not names:
        return
    inches = 1 + 0.25 * len(lines) * (len(names) + 1)
    figure = Figure(figsize=(8, inches), layout='tight')
    axis = figure.subplots()
    height = 0.8 / len(names)
    for i, name in enumerate(names):
        places = [row + i * height for row in range(len(lines))]
        values = [s[name] or 0 for s in shown]
        bars = axis.barh(
            places,
            values,
            height,
            label=name,
            color='lightgrey' if name == 'paper' else f'C{i}')
        axis.bar_label(bars, [_number(s[name]) for s in shown], fontsize=7)
    axis.set_yticks([row + 0.4 - height / 2 for row in range(len(lines))],
                    [line['title'] for line in lines])
    axis.set(xlim=(0, 100), xlabel='percent')
    axis.invert_yaxis()
    axis.legend(fontsize=8, loc='lower right')
    figure.savefig(file, dpi=110)


def write_report(rows: Sequence[Mapping], suite: Suite, root: Path) -> str:
    """Write report.json, report.md and report.png; return the table.

    Args:
        rows: What :meth:`Transfer.run` returns.
        suite: The suite.
        root: The folder to write to.
    """
    lines = results(rows, suite)
    table = markdown(lines)
    notes = '\n'.join(
        f'- {r["checkpoint"]}, {r["title"]}: {r["status"]}'
        f'{"".join(", " + r[k] for k in ("detail", "note") if r[k])}; '
        f'{r["seconds"]:.0f} s' for r in rows)
    report = dict(
        suite=suite.name,
        rows=list(rows),
        results=lines,
        env=describe_environment())
    (root / 'report.json').write_text(json.dumps(report, indent=2))
    draw(lines, root / 'report.png')
    (root / 'report.md').write_text(
        f'# Transfer suite {suite.name}\n\nScores in percent.\n\n{table}\n\n'
        f'![scores](report.png)\n\n{notes}\n')
    return table
