"""Walking through configs, and through registries."""
from collections.abc import Iterator

from mmengine.registry import Registry


def walk(value: object, path: str = '') -> Iterator[tuple[str, object]]:
    """Yield every value inside a config, and where it is.

    Example:
        >>> list(walk(dict(a=[dict(b=1)])))[1:]
        [('a', [{'b': 1}]), ('a.0', {'b': 1}), ('a.0.b', 1)]
    """
    yield path, value
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, (list, tuple)) else ())
    for key, item in items:
        yield from walk(item, f'{path}.{key}'.lstrip('.'))


def look_up(root: Registry, kind: str, scope: str | None) -> object | None:
    """Find a type as MMEngine does under a scope; None if it is unknown.

    Args:
        root: MMEngine's registry of the kind, which is also asked where the
            scope has none of this kind.
        kind: The type's name, perhaps with a scope of its own.
        scope: Where it is looked up first; None: MMEngine's own.
    """
    try:
        with root.switch_scope_and_registry(scope or 'mmengine') as registry:
            return registry.get(kind)
    except (ImportError, RuntimeError):  # nothing of this name
        return None
