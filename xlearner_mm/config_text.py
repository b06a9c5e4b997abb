"""The config in a checkpoint, read without running it."""
import ast

from mmengine.config import ConfigDict

from .errors import UserError


def read_config_text(text: str, file: str) -> ConfigDict:
    """Read the text of a config, as a runner writes it: values, no code.

    MMEngine's `Config.fromstring` runs the text, imports what it names and
    reads the files it inherits from; a checkpoint may come from anyone.

    Args:
        text: The text.
        file: Where it is from, for the message.

    Raises:
        UserError: It has anything but assignments of values.

    Example:
        >>> read_config_text('a = dict(b=[1, -2.5])', 'x.pth').a.b
        [1, -2.5]
    """
    try:
        return ConfigDict({
            _name(statement): _value(statement.value)
            for statement in ast.parse(text).body
        })
    except (ValueError, SyntaxError) as error:
        raise UserError(f'{file}: the config in it is more than values: '
                        f'{error}; no run writes such a file') from error


def _name(statement: ast.stmt) -> str:
    """Return what a statement assigns to."""
    if isinstance(statement, ast.Assign):
        (target, *others) = statement.targets
        if isinstance(target, ast.Name) and not others:
            return target.id
    raise ValueError(f'line {statement.lineno} is no assignment')


def _value(node: ast.expr) -> object:
    """Evaluate literals, and `dict(key=value)`."""
    if isinstance(node, ast.Call):
        if getattr(node.func, 'id', '') != 'dict' or node.args:
            raise ValueError(f'line {node.lineno} calls a function')
        keys = [keyword.arg for keyword in node.keywords]
        return dict(zip(keys, (_value(k.value) for k in node.keywords)))
    if isinstance(node, ast.Dict):
        keys = map(ast.literal_eval, node.keys)
        return dict(zip(keys, map(_value, node.values)))
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    return ast.literal_eval(node)
