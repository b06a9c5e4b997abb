"""SIGTERM as a question that a process answers when it likes.

Workers that it forks meanwhile end at SIGTERM, as always: pools and loaders
send it and wait. CPython drops a signal that comes between fork and the
worker's first step, so it is held back for that moment.
"""
import os
import signal

_SIGTERM = {signal.SIGTERM}
_before: object = None  # the handler before, while we listen
_asked = False


def listen() -> None:
    """Take note of SIGTERM from now on, instead of ending at it."""
    global _before, _asked
    _asked = False
    if _before is None:
        _before = signal.signal(signal.SIGTERM, _note)


def ignore() -> None:
    """Let SIGTERM do what it did before :func:`listen`."""
    global _before
    if _before is not None:
        signal.signal(signal.SIGTERM, _before)
        _before = None


def asked() -> bool:
    """Tell whether SIGTERM has come since :func:`listen`."""
    return _asked


def _note(*_: object) -> None:
    global _asked
    _asked = True


def _hold_back() -> None:
    if _before is not None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGTERM)


def _let_through() -> None:
    if _before is not None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGTERM)


def _end_at_it() -> None:
    global _before
    if _before is not None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _let_through()
        _before = None


os.register_at_fork(
    before=_hold_back, after_in_parent=_let_through, after_in_child=_end_at_it)
