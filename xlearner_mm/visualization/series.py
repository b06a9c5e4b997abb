"""Which curves a run has: a panel of losses, one of metrics, per source."""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..sources import Source, parse_sources
from .run_log import RunLog

#: Points of a curve: iterations done, value.
Points = list[tuple[int, float]]
_TOTAL = 'loss'
#: Names of metrics of which less is better, of mmseg's depth among others.
_ERRORS = ('rmse', 'abs_rel', 'sq_rel', 'silog', 'log10', 'rmse_log')


@dataclass
class Panel:
    """Curves that share one pair of axes.

    Args:
        title: The source, or the name of what a stock run logs.
        unit: What the values are, e.g. 'loss', 'hint loss', 'top1 (%)'.
        curves: By label; the first is the main one.
        compares: Whether they are those of several runs, all alike.
    """

    title: str
    unit: str
    curves: dict[str, Points] = field(default_factory=dict)
    compares: bool = False


@dataclass(frozen=True)
class Metric:
    """A validation metric that stands for a source.

    Args:
        title: The source's name, or the metric's for a stock run.
        key: What it is logged as, e.g. 'shapes/top1'.
        scale: Factor to percent.
    """

    title: str
    key: str
    scale: float = 1.0

    @property
    def unit(self) -> str:
        """The metric's own name, and whether it is in percent.

        Example:
            >>> Metric('parts', 'parts/bbox_mAP', 100.0).unit
            'bbox_mAP (%)'
        """
        percent = ' (%)' if self.scale == 100 else ''
        return self.key.rpartition('/')[2] + percent

    @property
    def best(self) -> Callable[..., float]:
        """`max`, or `min` for an error."""
        return min if self.key.rpartition('/')[2] in _ERRORS else max

    def points(self, run: RunLog) -> Points:
        """Return its values in a run, scaled."""
        return [(step, found[self.key] * self.scale)
                for step, found in run.metrics.items() if self.key in found]


def sources_of(run: RunLog) -> list[Source]:
    """Return a run's sources; none for a stock run."""
    return parse_sources(run.cfg.sources) if run.cfg.get('sources') else []


def key_metrics(run: RunLog) -> list[Metric]:
    """Return the key metric of each source that was validated.

    Of a stock run: the metric its config names in `transfer`, or else the
    first that was logged.
    """
    logged = list(dict.fromkeys(k for m in run.metrics.values() for k in m))
    found = [
        Metric(s.name, f'{s.name}/{s.key_metric}', s.key_metric_scale)
        for s in sources_of(run) if s.key_metric
    ]
    transfer = run.cfg.get('transfer') or {}
    if not sources_of(run) and logged:
        key = transfer.get('metric', logged[0])
        found = [Metric(key, key, transfer.get('scale', 1.0))]
    return [metric for metric in found if metric.key in logged]


def metric_panels(runs: Mapping[str, RunLog]) -> list[Panel]:
    """Return a panel for each key metric, with a curve for each run.

    Args:
        runs: By label.
    """
    panels: dict[tuple[str, str], Panel] = {}
    for label, run in runs.items():
        for metric in key_metrics(run):
            place = metric.title, metric.unit
            panel = panels.setdefault(place,
                                      Panel(*place, compares=len(runs) > 1))
            panel.curves[label] = metric.points(run)
    return list(panels.values())


def loss_panels(runs: Mapping[str, RunLog]) -> list[Panel]:
    """Return a panel for each source's losses.

    Of one run with the terms that the loss is made of, of several runs with a
    curve for each.

    Args:
        runs: By label.
    """
    if len(runs) == 1:
        run, = runs.values()
        return _panels_of(run)
    panels: dict[tuple[str, str], Panel] = {}
    for label, run in runs.items():
        for own in _panels_of(run):
            place = own.title, own.unit
            panel = panels.setdefault(place, Panel(*place, compares=True))
            panel.curves[label] = next(iter(own.curves.values()))
    return list(panels.values())


def _panels_of(run: RunLog) -> list[Panel]:
    names = dict.fromkeys(key for row in run.train.values() for key in row)
    panels = []
    for source in sources_of(run):
        own = [n for n in names if n.startswith(f'{source.name}.')]
        panels += _panel(run, source.name, own, f'{source.name}.')
    if not panels:
        panels = _panel(run, 'training', [n for n in names if 'loss' in n], '')
    return panels


def _panel(run: RunLog, title: str, names: list[str],
           prefix: str) -> list[Panel]:
    """Return the panel of one source, if it logged any loss."""
    own = {name.removeprefix(prefix): name for name in names}
    hints: dict[str, list[str]] = {}
    for short, name in own.items():
        if found := re.fullmatch(r'(.+)_hint_loss(_\d+)?', short):
            hints.setdefault(f'{found[1]} hint', []).append(name)
    if _TOTAL in own:
        terms = {
            short: [name]
            for short, name in own.items()
            if 'loss' in short and 'hint_loss' not in short
        }
        terms = {_TOTAL: [own[_TOTAL]], **terms}
        if len(terms) == 2:  # the loss is that term
            terms = {_TOTAL: terms[_TOTAL]}
        return [Panel(title, 'loss', _sums(run, {**terms, **hints}))]
    if hints:
        whole = [name for group in hints.values() for name in group]
        groups = {'sum': whole, **hints} if len(hints) > 1 else hints
        return [Panel(title, 'hint loss', _sums(run, groups))]
    return []


def _sums(run: RunLog, groups: Mapping[str, list[str]]) -> dict[str, Points]:
    """Return a curve for each group of names: their sum."""
    curves = {
        label: [(step, sum(row[name] for name in names))
                for step, row in run.train.items() if all(name in row
                                                          for name in names)]
        for label, names in groups.items()
    }
    return {label: points for label, points in curves.items() if points}
