"""The report on all benchmarks: what was measured, and whether it suffices."""
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from .bench_runs import describe_machine

_HEAD = ('Benchmark', 'Compared', 'Ratio', 'Quartiles of pairs', 'Reach',
         'Reached', 'Command')


def rows_of(report: Mapping) -> list[dict]:
    """List what a benchmark compared.

    Args:
        report: Its line of JSON: 'name', 'ratio', and optionally 'against'
            (what is over what), 'pairs' (see :func:`.benchmarking.compare`),
            'reach' (bounds of the ratio, 'min' and 'max') and 'settings', a
            list of rows with a 'setting' and a 'ratio' of their own, which
            inherit the rest.

    Returns:
        The settings that have a ratio, or else the report itself.
    """
    common = {
        k: v
        for k, v in report.items() if k not in ('settings', 'pairs')
    }
    rows = [row for row in report.get('settings', []) if 'ratio' in row]
    return [{**common, **row} for row in rows] or [dict(report)]


def reached(row: Mapping) -> bool | None:
    """Tell whether a ratio lies within its reach; None where it has none."""
    if 'reach' not in row:
        return None
    low, high = (row['reach'].get(key) for key in ('min', 'max'))
    return ((low is None or row['ratio'] >= low)
            and (high is None or row['ratio'] <= high))


def write_report(results: Sequence[Mapping], folder: Path) -> str:
    """Write report.json and report.md.

    Args:
        results: What :func:`.bench_runs.run_benchmark` returns of each.
        folder: Where to.

    Returns:
        The table, as Markdown.
    """
    machine = describe_machine()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'report.json').write_text(
        json.dumps(dict(benchmarks=list(results), machine=machine), indent=2))
    lines = [line for result in results for line in _lines(result)]
    table = '\n'.join(f'| {" | ".join(line)} |'
                      for line in [_HEAD, ['---'] * len(_HEAD), *lines])
    facts = '\n'.join(f'- {key}: {value}' for key, value in {
        **machine,
        **_software(results)
    }.items())
    runs = '\n'.join(f'- {r["name"]}: {r["seconds"]:.0f} s, load before it '
                     f'{r["load"]:.1f}' for r in results)
    (folder / 'report.md').write_text(
        f'# Benchmarks\n\n{table}\n\n## Measured on\n\n{facts}\n\n## Runs\n\n'
        f'{runs}\n')
    return table


def _software(results: Sequence[Mapping]) -> dict[str, object]:
    """Collect what the benchmarks say of their device and versions."""
    facts: dict[str, dict] = {}
    for report in (r['report'] for r in results if 'report' in r):
        for key in ('device', 'threads'):
            if key in report:
                facts.setdefault(key, {})[report[key]] = None
        for name, version in report.get('versions', {}).items():
            facts.setdefault(name, {})[version] = None
    return {k: ', '.join(map(str, values)) for k, values in facts.items()}


def _lines(result: Mapping) -> list[list[str]]:
    """Return the table's cells of one benchmark."""
    command = f'`{result["command"]}`'
    if 'error' in result:
        empty = [''] * (len(_HEAD) - 3)
        return [[
            result['name'], f'failed: {result["error"]}', *empty, command
        ]]
    return [[
        ', '.join(filter(None,
                         [result['name'], row.get('setting')])),
        row.get('against', ''), f'{row["ratio"]:.3f}',
        _pairs(row),
        _reach(row), {
            None: '',
            True: 'yes',
            False: 'no'
        }[reached(row)], command
    ] for row in rows_of(result['report'])]


def _pairs(row: Mapping) -> str:
    pairs = row.get('pairs')
    return f'{pairs["q1"]:.3f}-{pairs["q3"]:.3f}' if pairs else ''


def _reach(row: Mapping) -> str:
    signs = dict(min='>=', max='<=')
    return ', '.join(f'{sign} {row["reach"][key]:g}'
                     for key, sign in signs.items()
                     if key in row.get('reach', {}))
