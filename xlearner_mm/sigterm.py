"""SIGTERM as a question that a process answers when it likes, but once.

Asked again some seconds later it ends at once, so that neither a long
iteration nor a training that has ended with an error makes it immortal.

Workers that it forks meanwhile end at SIGTERM, as always: pools and loaders
send it and wait. A loader's worker ends if its owner has sent it, and not if
a launcher has, as `scancel` does to all processes at once: the owner needs it
to finish the iteration. CPython drops a signal that comes between fork and the
worker's first step, so it is held back for that moment.
"""
import os
import signal
from threading import Thread, current_thread, main_thread
from time import monotonic

_SIGTERM = {signal.SIGTERM}
_before: object = signal.SIG_DFL  # the handler before
_listening = False
_since: float | None = None  # when SIGTERM came first
_patience = 0.0


def listen(patience: float = 10) -> None:
    """Take note of SIGTERM from now on, instead of ending at it.

    Outside the main thread, where Python sets no handler, this does nothing.

    Args:
        patience: For so many seconds after the first one; launchers may send
            it to each process and again.
    """
    global _before, _listening, _since, _patience
    _since, _patience = None, patience
    if not _listening and current_thread() is main_thread():
        _before = signal.signal(signal.SIGTERM, _note) or signal.SIG_DFL
        _listening = True


def ignore() -> None:
    """Let SIGTERM do what it did before :func:`listen`."""
    global _listening
    if _listening and current_thread() is main_thread():
        signal.signal(signal.SIGTERM, _before)
        _listening = False


def asked() -> bool:
    """Tell whether SIGTERM has come since :func:`listen`."""
    return _since is not None


def obey_parent() -> None:
    """Let this process end at a SIGTERM of its parent, and at no other.

    On systems without `sigwaitinfo` (macOS) it ends at any. A worker of
    torch's ends by itself soon after its parent.
    """
    if hasattr(signal, 'sigwaitinfo'):
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGTERM)
        Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while signal.sigwaitinfo(_SIGTERM).si_pid != os.getppid():
        pass
    os._exit(0)  # as torch's workers do


def _note(*_: object) -> None:
    global _since
    if _since is None:
        _since = monotonic()
    elif monotonic() - _since >= _patience:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _hold_back() -> None:
    if _listening:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGTERM)


def _let_through() -> None:
    if _listening:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGTERM)


def _end_at_it() -> None:
    global _listening
    if _listening:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _let_through()
        _listening = False


os.register_at_fork(
    before=_hold_back, after_in_parent=_let_through, after_in_child=_end_at_it)
