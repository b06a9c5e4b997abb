"""The tables of the report."""
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np

from .comparing import METRICS, TRANSFERS, by_seed, compare
from .figure import REFERENCE
from .table import SYSTEMS


def markdown(rows: Sequence[Mapping], claims: Sequence[Mapping]) -> str:
    """Lay out transfers, metrics of the sources, and claims.

    Args:
        rows: See :func:`.report.write_report`.
        claims: What :func:`.judging.judge` returns of each.
    """
    names = [s for s in SYSTEMS if by_seed(rows, s)]
    sources = dict.fromkeys(k for row in rows for k in row['source_metrics'])
    return '\n\n'.join([
        _table(['Method', *(m.title for m in TRANSFERS.values())] +
               ['Images seen', 'Parameters', 'Minutes'],
               [_transfers(rows, name) for name in names]),
        'On the sources themselves:',
        _table(['Method', *sources],
               [_on_sources(rows, name, sources) for name in names]),
        'The paper\'s claims:',
        _table(['Claim', 'Paper', 'Here', 'Verdict'],
               [_claim(claim) for claim in claims])
    ])


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ['---'] * len(head), *lines]
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def _transfers(rows: Sequence[Mapping], name: str) -> list[str]:
    """Return the first table's cells of a system."""
    own = list(by_seed(rows, name).values())
    cells = [SYSTEMS[name].title]
    for key, metric in TRANSFERS.items():
        cell = _spread([v for row in own for v in metric.read(row).values()])
        gain = compare(rows, name, REFERENCE, key)
        if gain and name != REFERENCE:
            cell += f', {gain.mean:+.1f}'
        cells.append(cell)
    images, teachers = own[0]['images_seen'], own[0].get('teacher_images', 0)
    minutes = np.mean([row['seconds'] for row in own]) / 60
    return cells + [
        f'{images:,}' + (f' + {teachers:,}' if teachers else ''),
        f'{own[0]["params"]:,}', f'{minutes:.0f}'
    ]


def _on_sources(rows: Sequence[Mapping], name: str,
                sources: Iterable[str]) -> list[str]:
    """Return the second table's cells of a system."""
    found = [row['source_metrics'] for row in by_seed(rows, name).values()]
    return [SYSTEMS[name].title] + [
        _spread([metrics[source] for metrics in found if source in metrics])
        for source in sources
    ]


def _spread(values: Sequence[float]) -> str:
    """Return mean, standard deviation and number of values."""
    if not values:
        return '-'
    deviation = f' ± {np.std(values, ddof=1):.1f}' if len(values) > 1 else ''
    return f'{np.mean(values):.1f}{deviation} ({len(values)})'


def _claim(claim: Mapping) -> list[str]:
    """Return the third table's cells of a claim."""
    paper, here = [claim['where']], []
    for heading, parts in groupby(claim['parts'], _heading):
        here.append(heading)
        for part in parts:
            metric = METRICS[part['metric']].short
            first, second = part['paper']
            paper.append(
                f'{metric} {first - second:+.1f} ({first} - {second})')
            here.append(f'{metric} {_difference(part)}: {part["verdict"]}')
    return [
        claim['claim'], '<br>'.join(paper), '<br>'.join(here),
        f'**{claim["verdict"]}**'
    ]


def _heading(part: Mapping) -> str:
    first, second = (SYSTEMS[part[k]].title for k in ('system', 'reference'))
    return f'{first} {part["kind"]} {second}:'


def _difference(part: Mapping) -> str:
    """Return a difference in points, its interval and its seeds."""
    if not part['seeds']:
        return 'not measured'
    interval = ', one seed' if part['seeds'] == 1 else (
        f' [{part["low"]:+.1f}, {part["high"]:+.1f}], {part["seeds"]} seeds')
    return f'{part["mean"]:+.1f}{interval}'
