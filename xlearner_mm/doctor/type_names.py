"""Which types a config names, and who knows them."""
from collections.abc import Iterator

from mmengine import registry as mmengine_registry
from mmengine.config import ConfigDict
from mmengine.registry import Registry
from torch import nn

from ..errors import UserError
from .case import Case
from .finding import ERROR, OK, Finding, from_error
from .looking import look_up, walk

_PACKAGES = ('mmdet', 'mmseg', 'mmpretrain', 'xlearner_mm')
_REGISTRIES = tuple(
    getattr(mmengine_registry, name)
    for name in ('MODELS', 'DATASETS', 'TRANSFORMS', 'METRICS', 'EVALUATOR',
                 'TASK_UTILS', 'HOOKS', 'LOOPS', 'PARAM_SCHEDULERS',
                 'OPTIMIZERS', 'OPTIM_WRAPPERS', 'VISUALIZERS',
                 'LOG_PROCESSORS'))
#: Parts of a runner's config that hold one typed dictionary or several.
_RUNNER_PARTS = dict(
    train_cfg='LOOPS',
    val_cfg='LOOPS',
    test_cfg='LOOPS',
    param_scheduler='PARAM_SCHEDULERS',
    default_hooks='HOOKS',
    custom_hooks='HOOKS',
    visualizer='VISUALIZERS',
    log_processor='LOG_PROCESSORS')


def check_types(case: Case) -> Iterator[Finding]:
    """Build what can be built without data; look up the other types."""
    found = list(_wrong_types(case))
    yield from found
    if not found and (case.parts or case.model):
        text = f'{sum(part.is_built for part in case.parts)} datasets'
        text += ' and the model' * isinstance(case.model, nn.Module)
        yield Finding(OK, 'types', f'{text} can be built')


def _wrong_types(case: Case) -> Iterator[Finding]:
    scope = case.cfg.get('default_scope')
    for part in case.parts:
        if 'lazy_init' in str(part.built):
            continue  # not one of MMEngine's datasets: not checked
        if not part.is_built and not part.missing_paths():
            yield from _explain(part.where, part.cfg, part.scope, part.built)
    for source in case.sources:
        head = case.heads.get(source.name)
        if isinstance(head, Exception):
            yield from _explain(f"source '{source.name}', model", source.model,
                                source.scope, head)
        if source.evaluator and case.cfg.get('val_dataloader'):
            yield from _unknown(f"source '{source.name}', evaluator",
                                'METRICS', source.evaluator, source.scope)
    model = dict(case.cfg.get('model') or {})
    model.pop('sources', None)  # which have scopes of their own
    if isinstance(case.model, Exception):
        yield from _explain('model', model, scope, case.model)
    elif case.model is None:  # not built, for what its sources say
        yield from _foreign('model', model, scope)
    for key, registry in _RUNNER_PARTS.items():
        yield from _unknown(key, registry, case.cfg.get(key), scope)
    for key in ('val_evaluator', 'test_evaluator'):
        yield from _unknown_metrics(key, case.cfg.get(key), scope)
    wrapper = case.cfg.get('optim_wrapper') or {}
    yield from _unknown('optim_wrapper', 'OPTIM_WRAPPERS',
                        dict(dict(type='OptimWrapper'), **wrapper), scope)
    yield from _unknown('optim_wrapper.optimizer', 'OPTIMIZERS',
                        wrapper.get('optimizer'), scope)


def _unknown_metrics(where: str, cfg: object,
                     scope: str | None) -> Iterator[Finding]:
    """Look up metrics, and the evaluator around them where there is one."""
    if isinstance(cfg, dict) and 'metrics' in cfg:
        around = dict(dict(type='Evaluator'), **cfg)
        yield from _unknown(where, 'EVALUATOR', around, scope)
        cfg, scope = cfg['metrics'], cfg.get('_scope_', scope)
    yield from _unknown(where, 'METRICS', cfg, scope)


def _unknown(where: str, registry: str, cfg: object,
             scope: str | None) -> Iterator[Finding]:
    """Look up the types of dictionaries that are not built here."""
    if isinstance(cfg, dict) and 'type' not in cfg:
        cfg = list(cfg.values())
    for item in cfg if isinstance(cfg, (list, tuple)) else [cfg]:
        kind = item.get('type') if isinstance(item, dict) else None
        if isinstance(kind, str):
            own = item.get('_scope_', scope)
            if look_up(getattr(mmengine_registry, registry), kind,
                       own) is None:
                yield _not_there(where, kind, own)


def _explain(where: str, cfg: dict, scope: str | None,
             error: Exception) -> Iterator[Finding]:
    """Say why a part cannot be built: its foreign types, or what it says."""
    text = str(error) or type(error).__name__
    foreign = list(_foreign(where, cfg, scope)) if 'registry' in text else []
    yield from foreign or [
        from_error(
            where,
            UserError(text if where in text else f'cannot be built: {text}'),
            'check the types and options in it')
    ]


def _foreign(where: str, cfg: dict, scope: str | None) -> Iterator[Finding]:
    """Find types that only packages outside the scope know."""
    for path, kind in walk(ConfigDict(cfg).to_dict()):
        if (path.split('.')[-1] == 'type' and isinstance(kind, str)
                and not _known(kind, scope) and owners(kind)):
            yield _not_there(f'{where}, {path}', kind, scope)


def _not_there(where: str, kind: str, scope: str | None) -> Finding:
    found = owners(kind)
    text = f'type {kind!r} is not known in scope {scope or "mmengine"!r}'
    if not found:
        return Finding(
            ERROR, where, text,
            'check its spelling, and custom_imports for one of your own')
    names = ' or '.join(f"'{package}.{kind}'" for package in found)
    remedy = f'write {names}'
    if where.startswith('source '):
        remedy += f", or give the source scope='{found[0]}'"
    return Finding(ERROR, where, f'{text}, but in {", ".join(found)}', remedy)


def owners(kind: str) -> list[str]:
    """Return the packages that know a type, e.g. all three a `ResNet`."""
    if '.' in kind:
        return []
    return [
        package for package in _PACKAGES if any(
            _own(registry, kind, package) for registry in _REGISTRIES)
    ]


def _known(kind: str, scope: str | None) -> bool:
    return any(look_up(registry, kind, scope) for registry in _REGISTRIES)


def _own(root: Registry, kind: str, package: str) -> bool:
    """Whether a package itself has a type, not only what is below it."""
    child = look_up(root, kind, package)
    return child is not None and root.get(kind) is not child
