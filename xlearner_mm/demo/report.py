"""The demo's report, in the shape of the paper's Table 2."""
import json
from collections.abc import Sequence
from pathlib import Path

from ..transfer.report import describe_environment

_COLUMNS = dict(
    linear_probe='Linear probe (top-1)',
    det_AP50='Detection (AP50)',
    seg_mIoU='Segmentation (mIoU)')


def markdown(rows: Sequence[dict]) -> str:
    """Lay the rows out as a table; gains are against the first row.

    Args:
        rows: `{'method', 'transfer', 'source_metrics', 'params', 'seconds',
            'images_seen'}`, metrics in percent.
    """
    first = rows[0]['transfer']
    lines = [
        '| Method | ' + ' | '.join(_COLUMNS.values()) +
        ' | Images seen | Parameters | Seconds |',
        '|---' * (len(_COLUMNS) + 4) + '|'
    ]
    for row in rows:
        cells = [row['method']]
        for key in _COLUMNS:
            value = row['transfer'][key]
            gain = f' ({value - first[key]:+.1f})' if row != rows[0] else ''
            cells.append(f'{value:.1f}{gain}')
        cells += [
            f"{row['images_seen']:,}", f"{row['params']:,}",
            f"{row['seconds']:.0f}"
        ]
        lines.append('| ' + ' | '.join(cells) + ' |')
    sources = dict.fromkeys(k for row in rows for k in row['source_metrics'])
    lines += [
        '', 'On the sources themselves (X-Learner: the expanded network, '
        'before the squeeze):', '', '| Method | ' + ' | '.join(sources) + ' |',
        '|---' * (len(sources) + 1) + '|'
    ]
    for row in rows:
        values = [
            f'{row["source_metrics"][s]:.1f}'
            if s in row['source_metrics'] else '-' for s in sources
        ]
        lines.append('| ' + ' | '.join([row['method'], *values]) + ' |')
    return '\n'.join(lines)


def write_report(rows: Sequence[dict], root: Path,
                 pictures: Sequence[str]) -> str:
    """Write report.json and report.md; return the table.

    Args:
        rows: See :func:`markdown`.
        root: The folder to write to.
        pictures: Files in it to show.
    """
    report = dict(rows=list(rows), env=describe_environment())
    (root / 'report.json').write_text(json.dumps(report, indent=2))
    table = markdown(rows)
    shown = '\n'.join(f'![{name}]({name})' for name in pictures)
    (root / 'report.md').write_text(
        '# Demo\n\nPre-trained on five generated sources, transferred to '
        'shapes and materials that none of them shows; every method saw the '
        f'same number of training images. One seed.\n\n{table}\n\n{shown}\n')
    return table
