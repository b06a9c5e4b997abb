"""What a report says of a run in words and numbers."""
import math
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from statistics import median

from ..files import is_taken
from .run_log import RunLog
from .series import Metric, Panel, key_metrics, loss_panels, sources_of

_MAX_WARNINGS = 200


def state(run: RunLog) -> tuple[str, str]:
    """Tell whether a run is 'finished', 'running' or 'stopped', and where.

    It runs where a process of our tools works in its folder.

    Returns:
        The word, and a sentence.
    """
    epochs = (run.cfg.get('train_cfg') or {}).get('max_epochs')
    if epochs and not run.max_iters:
        done, whole, unit = run.epochs_done, epochs, 'epochs'
    else:
        done, whole, unit = run.iters_done, run.max_iters, 'iterations'
    where = f'{done:,} of {whole:,} {unit}' if whole else f'{done:,} {unit}'
    if is_taken(run.work_dir):
        return 'running', f'{where} when this was written'
    if whole and done >= whole:
        return 'finished', where
    return 'stopped', f'at {where}'


def summary(run: RunLog) -> dict[str, str]:
    """Return what was run, how long it took and on what."""
    cfg, train_cfg = run.cfg, run.cfg.get('train_cfg') or {}
    optimizer = (cfg.get('optim_wrapper') or {}).get('optimizer') or {}
    found: dict[str, object] = {
        'Model': (cfg.get('model') or {}).get('type'),
        'Training loop': train_cfg.get('type'),
        'Joined at (τ)': _number(train_cfg.get('join_iter'), 'iteration '),
        'Optimizer': optimizer.get('type')
        and f"{optimizer.get('type')}, lr {optimizer.get('lr', '-')}",
        'Seed': (cfg.get('randomness') or {}).get('seed'),
        'Processes': run.processes,
        **_times(run),
        **_machine(run)
    }
    return {
        key: str(value)
        for key, value in found.items() if value not in (None, '')
    }


def _number(value: int | None, unit: str) -> str | None:
    return None if value is None else f'{unit}{value:,}'


def _machine(run: RunLog) -> dict[str, str | None]:
    """Return what a run's last attempt ran on."""
    setting = run.texts[-1].setting if run.texts else {}
    environment = run.texts[-1].environment if run.texts else {}
    gpus = [
        v for k, v in environment.items()
        if k.startswith('GPU ') and k != 'GPU number'
    ]
    cpu = f"CPU, {setting['cores']} cores" if 'cores' in setting else 'CPU'
    return {
        'Hardware': ', '.join(gpus) or (cpu if environment else None),
        'PyTorch': environment.get('PyTorch'),
        'xlearner_mm': setting.get('xlearner_mm')
    }


def _times(run: RunLog) -> dict[str, str]:
    """Return when a run began, and how long it and an iteration took."""
    times = [row['time'] for row in run.train.values() if 'time' in row]
    texts = [text for text in run.texts if text.start]
    found = {}
    if texts:
        seconds = round(sum(text.seconds for text in texts))
        attempts = f', {len(texts)} attempts' if len(texts) > 1 else ''
        found['Started'] = f'{texts[0].start:%Y-%m-%d %H:%M}'
        found['Last log'] = f'{texts[-1].end:%Y-%m-%d %H:%M}'
        found['Time'] = f'{timedelta(seconds=seconds)}{attempts}'
    if times:
        found['Time per iteration'] = f'{median(times):.3g} s (median)'
    return found


def source_rows(run: RunLog) -> list[dict[str, str]]:
    """Return a row for each source: what it gave, and how it went.

    Of a stock run, one row for its dataset.
    """
    metrics = {m.title: m for m in key_metrics(run)}
    panels = {p.title: p for p in loss_panels({'': run})}
    sizes = {k: v for text in run.texts for k, v in text.images.items()}
    rows = []
    for s in sources_of(run):
        seen = s.batch_size * run.processes * run.iters_done
        passes = f'{seen / sizes[s.name]:.1f}' if sizes.get(s.name) else '-'
        rows.append({
            'source': s.name,
            'task': s.task,
            'batch': str(s.batch_size),
            'images': f'{sizes[s.name]:,}' if s.name in sizes else '-',
            'images seen': f'{seen:,}',
            'epochs': passes,
            **_loss_cells(panels.get(s.name)),
            **_metric_cells(run, metrics.get(s.name))
        })
    rows = rows or [_stock_row(run, next(iter(metrics.values()), None))]
    known = [key for key in rows[0] if any(row[key] != '-' for row in rows)]
    return [{key: row[key] for key in known} for row in rows]


def _stock_row(run: RunLog, metric: Metric | None) -> dict[str, str]:
    """Return the row of a run on one dataset."""
    loader = run.cfg.get('train_dataloader') or {}
    batch = loader.get('batch_size')
    dataset = loader.get('dataset') or {}
    seen = batch and f'{batch * run.processes * run.iters_done:,}'
    panels = loss_panels({'': run})
    return {
        'dataset': dataset.get('type', '-'),
        'batch': str(batch or '-'),
        'images seen': seen or '-',
        'epochs': str(run.epochs_done or '-'),
        **_loss_cells(panels[0] if panels else None),
        **_metric_cells(run, metric)
    }


def _loss_cells(panel: Panel | None) -> dict[str, str]:
    """Return a source's first and last logged loss."""
    if panel is None:
        return {'first loss': '-', 'last loss': '-'}
    points = next(iter(panel.curves.values()))
    return {
        'first loss': number(points[0][1]),
        'last loss': number(points[-1][1])
    }


def _metric_cells(run: RunLog, metric: Metric | None) -> dict[str, str]:
    """Return a source's key metric at its first, last, best validation."""
    if metric is None:
        return dict(metric='-', first='-', last='-', best='-')
    points = metric.points(run)
    finite = [p for p in points if math.isfinite(p[1])] or points
    step, best = metric.best(finite, key=lambda point: point[1])
    return dict(
        metric=metric.unit,
        first=number(points[0][1]),
        last=number(points[-1][1]),
        best=f'{number(best)} at {step:,}')


def number(value: float) -> str:
    """Format a number for a table.

    Example:
        >>> number(45.678), number(0.5), number(float('nan'))
        ('45.7', '0.500', 'nan')
    """
    return f'{value:.1f}' if 10 <= abs(value) < 1e6 else f'{value:#.3g}'


def metric_tables(run: RunLog) -> dict[str, list[list[str]]]:
    """Return a table of all validations for each source, or for the run.

    Returns:
        By title: the header, and a row for each validation.
    """
    tables: dict[str, list[list[str]]] = {}
    names = list(dict.fromkeys(k for m in run.metrics.values() for k in m))
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rpartition('/')[0] or 'all', []).append(name)
    for title, keys in groups.items():
        header = ['iteration', *(key.rpartition('/')[2] for key in keys)]
        rows = [[f'{step:,}'] +
                [number(found[k]) if k in found else '-' for k in keys]
                for step, found in run.metrics.items()
                if any(k in found for k in keys)]
        tables[title] = [header, *rows]
    return tables


def warnings_of(run: RunLog) -> list[tuple[str, int, str]]:
    """Return what was wrong: level, how often, message; the most serious ones.

    What is not finite among the logged losses comes first.
    """
    found = []
    broken = Counter(key for row in run.train.values()
                     for key, value in row.items() if not math.isfinite(value))
    for key, count in broken.items():
        first = next(s for s, row in run.train.items()
                     if not math.isfinite(row.get(key, 0.0)))
        found.append(('error', count, f'{key} is not finite, first up to '
                      f'iteration {first:,}'))
    counts: Mapping = Counter(w for text in run.texts for w in text.warnings)
    found += [(level, n, message) for (level, message), n in counts.items()]
    found.sort(key=lambda row: row[0] == 'warning')
    return found[:_MAX_WARNINGS]
