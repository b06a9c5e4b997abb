"""What the doctor finds, and the page that lists it."""
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from textwrap import fill
from typing import NamedTuple

from ..errors import UserError

ERROR, WARNING, OK = LEVELS = ('error', 'warning', 'ok')
_WIDTH, _INDENT = 100, ' ' * 9
#: Characters of a finding on the page; a network that does not fit may have
#: hundreds of names to tell.
_LENGTH = 600


class Finding(NamedTuple):
    """One thing that was looked at.

    Args:
        level: 'error' for what stops a training or spoils it for certain,
            'warning' for what probably is a mistake, 'ok' for the rest.
        where: The part of the config, e.g. "source 'coco', train".
        what: What is the matter there.
        remedy: What to do; none where `what` says it.
    """

    level: str
    where: str
    what: str
    remedy: str = ''

    def __str__(self) -> str:
        text = f'{self.where}: {self.what}'
        return f'{text}; {self.remedy}' if self.remedy else text


def from_error(where: str,
               error: UserError,
               remedy: str = '',
               level: str = ERROR) -> Finding:
    """Turn one of the project's errors, 'where: what; remedy', into one.

    Args:
        where: The part of the config; the error may begin with it.
        error: The error.
        remedy: What to do, where more is known than the error says.
        level: Of the finding.

    Example:
        >>> from_error('a', UserError('a: no b at c; check b')).remedy
        'check b'
    """
    text = ' '.join(str(error).split())
    if text.startswith(where):
        text = text[len(where):].lstrip(': ')
    what, _, own = text.rpartition('; ')
    return Finding(level, where, what or own, remedy or (what and own))


def refusals(where: str,
             check: Callable,
             *args: object,
             remedy: str = '') -> Iterator[Finding]:
    """Run a check of the training itself, which raises where it refuses.

    Args:
        where: The part of the config.
        check: The check.
        args: Its arguments.
        remedy: As in :func:`from_error`.
    """
    try:
        check(*args)
    except UserError as error:
        yield from_error(where, error, remedy)


def with_level(findings: Sequence[Finding], level: str) -> list[Finding]:
    """Return the findings of one level."""
    return [finding for finding in findings if finding.level == level]


def as_page(title: str, findings: Sequence[Finding]) -> str:
    """Write a page: how many, then errors, warnings and the rest.

    A remedy that several findings in a row share is written once.

    Args:
        title: What was examined.
        findings: In any order.
    """
    lines = [f'{title}: {count(findings)}', '']
    for level in LEVELS:
        for remedy, alike in groupby(
                with_level(findings, level), lambda finding: finding.remedy):
            lines += [
                _wrap(f'{level:8} {finding.where}: {_cut(finding.what)}')
                for finding in alike
            ]
            if remedy:
                lines.append(_wrap(f'{_INDENT}-> {remedy}', '   '))
    return '\n'.join(lines)


def count(findings: Sequence[Finding]) -> str:
    """Count, e.g. '1 error, 0 warnings'."""
    numbers = {level: len(with_level(findings, level)) for level in LEVELS}
    return ', '.join(f'{numbers[level]} {level}' + 's' * (numbers[level] != 1)
                     for level in (ERROR, WARNING))


def _cut(text: str) -> str:
    """Leave out the middle of a text that would fill the page."""
    half = _LENGTH // 2
    return text if len(text) <= _LENGTH else (
        f'{text[:half]} [...] {text[-half:]}')


def _wrap(text: str, deeper: str = '') -> str:
    return fill(
        text,
        _WIDTH,
        subsequent_indent=_INDENT + deeper,
        break_long_words=False,
        break_on_hyphens=False)
