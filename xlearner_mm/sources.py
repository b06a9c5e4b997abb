"""Sources: the labelled datasets of a run, and the checks on their configs.

A source is one dictionary (`configs/_base_/sources/*.py`); a run lists its
sources once, and the model, the loader and the evaluation read the same list.
"""
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from importlib.util import find_spec

from mmengine.config import Config, ConfigDict
from mmengine.registry import Registry

from .errors import UserError

_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_-]*')
_RESERVED = ('phase', 'average')
_ABSENT = '(absent)'
#: Parts of a config that may hold a copy of the top-level list `sources`.
COPIES = ('model', 'train_dataloader', 'val_dataloader', 'test_dataloader',
          'val_evaluator', 'test_evaluator')


@dataclass(frozen=True)
class Source:
    """One dataset with its own label space (paper Sec. 3.1: X_n^t, Y_n^t).

    Args:
        name: Unique name; prefix of its losses and metrics.
        task: The task it belongs to, e.g. 'cls', 'det', 'seg'.
        scope: The package its parts come from: 'mmdet', 'mmseg',
            'mmpretrain', or any package with an MMEngine registry.
        batch_size: Training images per process and iteration, >= 1.
        train: Config of the training dataset.
        val: Config of the validation dataset.
        test: Config of the test dataset; `val` where absent.
        evaluator: Config of one metric, or a list of them.
        model: Config of the head model: an upstream model without backbone.
        val_batch_size: Images per process and step in validation.
        key_metric: Name of the metric that stands for this source in the
            average, e.g. 'bbox_mAP'; one of which more is better.
        key_metric_scale: Factor that brings the key metric to percent, e.g.
            100 for 'bbox_mAP' in [0, 1].
    """

    name: str
    task: str
    scope: str
    batch_size: int = 1
    train: dict | None = None
    val: dict | None = None
    test: dict | None = None
    evaluator: dict | list | None = None
    model: dict = field(default_factory=dict)
    val_batch_size: int = 1
    key_metric: str | None = None
    key_metric_scale: float = 1.0

    def __post_init__(self) -> None:
        check_name('source', self.name)
        check_name('task', self.task)
        for key in ('batch_size', 'val_batch_size'):
            value = getattr(self, key)
            if not isinstance(value, int) or value < 1:
                raise UserError(
                    f"source '{self.name}': {key}={value!r}; give a whole "
                    'number of images >= 1, or take the source off the list')
        if find_spec(str(self.scope)) is None:
            raise UserError(
                f"source '{self.name}': unknown scope '{self.scope}': no such "
                "package is installed; use 'mmdet', 'mmseg' or 'mmpretrain'")

    def build(self, registry: Registry, cfg: dict, part: str) -> object:
        """Build one part of the source under the source's scope.

        Args:
            registry: The registry of the part's kind.
            cfg: The part's config.
            part: What it is, for the error message, e.g. 'train dataset'.

        Raises:
            UserError: A file is missing or a type is not registered.
        """
        if not cfg:
            raise UserError(f"source '{self.name}' has no {part}; add it to "
                            "the source's config")
        try:
            # Upstream reads nested parts as attributes (`train_cfg.rpn`).
            return registry.build(ConfigDict(cfg, _scope_=self.scope))
        except (OSError, KeyError, TypeError, AssertionError,
                ImportError) as error:
            raise UserError(
                f"source '{self.name}': its {part} cannot be built: {error}; "
                f'check the paths and types in it (data_root='
                f"{cfg.get('data_root')!r}, ann_file={cfg.get('ann_file')!r})"
            ) from error


def check_name(kind: str, name: object) -> None:
    """Refuse a name of a task or source that could collide with a key.

    MMEngine sums every logged key that contains `loss`, and state-dict keys
    and metric keys are split at dots and slashes (DESIGN invariant 8).

    Raises:
        UserError: The name is not a string, or is one that could collide.
    """
    if (not isinstance(name, str) or not _NAME.fullmatch(name)
            or 'loss' in name or name in _RESERVED):
        raise UserError(
            f'illegal {kind} name {name!r}: use letters, digits, _ and -, '
            "begin with a letter, and avoid 'loss', dots, slashes and "
            f'{_RESERVED}')


def parse_sources(cfgs: Iterable[dict | Source]) -> list[Source]:
    """Check the configs of a run's sources; keep their order.

    Raises:
        UserError: None is given, a key is unknown or missing, a name is
            illegal or appears twice, or a batch is empty.
    """
    known = {f.name for f in fields(Source)}
    sources: list[Source] = []
    for cfg in cfgs:
        if isinstance(cfg, Source):
            sources.append(cfg)
            continue
        label = f"source {cfg.get('name', '(without a name)')!r}"
        missing = [k for k in ('name', 'task', 'scope') if not cfg.get(k)]
        if missing:
            raise UserError(f'{label} has no {missing}; every source names '
                            'itself, its task and its scope')
        unknown = sorted(set(cfg) - known)
        if unknown:
            raise UserError(f'{label} has unknown keys {unknown}; known are '
                            f'{sorted(known)}')
        sources.append(Source(**cfg))
    if not sources:
        raise UserError('the list of sources is empty; add at least one')
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f'source names {twice} appear twice in {names}; '
                        'every source needs a name of its own')
    return sources


def tasks_of(sources: Sequence[Source]) -> list[str]:
    """Return the tasks in the order of their first source."""
    return list(dict.fromkeys(source.task for source in sources))


def check_tasks(tasks: Sequence[str], sources: Sequence[Source]) -> None:
    """Refuse tasks without sources and sources without a task.

    Raises:
        UserError: `tasks` and the sources' tasks are not the same set.
    """
    present = tasks_of(sources)
    for task in tasks:
        if task not in present:
            raise UserError(f"task '{task}' has no source; its sources are "
                            f'those with task={task!r}, present are '
                            f'{present}')
    for source in sources:
        if source.task not in tasks:
            raise UserError(f"source '{source.name}' belongs to task "
                            f"'{source.task}', which is not among the "
                            f'tasks {list(tasks)}')


def check_copies(cfg: Config) -> None:
    """Refuse a config whose copies of `sources` have come apart.

    A config names its list of sources in several places. A child config or
    `--cfg-options` that changes one of them leaves the others as they were.

    Raises:
        UserError: Two copies differ.
    """
    copies = {
        key: cfg[key]['sources']
        for key in COPIES
        if isinstance(cfg.get(key), dict) and 'sources' in cfg[key]
    }
    if cfg.get('sources') is not None:
        copies = {'the top level': cfg['sources'], **copies}
    (first, reference), *rest = copies.items() if copies else [('', [])]
    for key, sources in rest:
        if sources != reference:
            raise UserError(
                f'the list `sources` of {key} differs from that of {first}: '
                f'{_first_difference(reference, sources)}. Change the '
                'top-level `sources` and pass the list on to every part, as '
                'tools/train.py does for --cfg-options')


def share_sources(cfg: Config) -> None:
    """Give every part of a config the top-level list `sources`, in place."""
    if cfg.get('sources') is None:
        return
    for key in COPIES:
        if isinstance(cfg.get(key), dict) and 'sources' in cfg[key]:
            cfg[key]['sources'] = cfg['sources']


def leave_unformatted(cfg: Config) -> None:
    """Let MMEngine dump a config without formatting it, in place.

    Each checkpoint contains the config's text, and formatting it takes
    longer than writing the weights: 6 s for three sources. The text is valid
    Python all the same. `Config.fromfile` ignores its option for this.
    """
    object.__setattr__(cfg, '_format_python_code', False)


def _first_difference(one: object, two: object, path: str = '') -> str:
    if isinstance(one, dict) and isinstance(two, dict):
        items = [(key, one.get(key, _ABSENT), two.get(key, _ABSENT))
                 for key in sorted({*one, *two})]
    elif (isinstance(one, (list, tuple)) and isinstance(two, (list, tuple))
          and len(one) == len(two)):
        items = [(i, a, b) for i, (a, b) in enumerate(zip(one, two))]
    else:
        return f'{path.lstrip(".")} is {two!r}, not {one!r}'
    key, a, b = next(item for item in items if item[1] != item[2])
    return _first_difference(a, b, f'{path}.{key}')
