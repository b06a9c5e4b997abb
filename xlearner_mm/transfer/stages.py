"""Stages that run once, go on where they were, and remember their result."""
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from ..files import write_whole


class Stage:
    """A step with a folder of its own.

    The folder remembers what the step was made from. Made from something
    else, it is put aside, to `<name>~<start of its digest>`, and comes back
    when asked for again. An interrupted step goes on.

    Args:
        folder: Where it works.
        *inputs: What the result depends on, e.g. the config's content and the
            digests of earlier stages.
    """

    def __init__(self, folder: Path, *inputs: object) -> None:
        self.folder = folder
        self.digest = hashlib.sha256(repr(inputs).encode()).hexdigest()
        before = _mark(folder)
        if folder.exists() and before != self.digest:
            folder.rename(_aside(folder, before))
        if not folder.exists() and _aside(folder, self.digest).exists():
            _aside(folder, self.digest).rename(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if _mark(folder) != self.digest:
            write_whole(folder / 'digest', self.digest.encode())

    def run(self, work: Callable[[Path], dict]) -> dict:
        """Return the result of `work(folder)`, from the folder if it is there.

        Args:
            work: Gives a dictionary that JSON can hold.

        Returns:
            The result, with 'seconds' spent on it in all attempts.
        """
        result = self.folder / 'result.json'
        if result.exists():
            return json.loads(result.read_text())
        clock = self.folder / 'seconds'
        before = float(clock.read_text()) if clock.exists() else 0.0
        start = time.time()
        try:
            found = work(self.folder)
        finally:
            seconds = before + time.time() - start
            write_whole(clock, str(seconds).encode())
        found = json.dumps(dict(found, seconds=seconds), indent=2)
        write_whole(result, found.encode())
        return json.loads(result.read_text())


def _mark(folder: Path) -> str:
    """Return what a folder was made from; of a folder of others, nothing."""
    file = folder / 'digest'
    return file.read_text() if file.exists() else ''


def _aside(folder: Path, mark: str) -> Path:
    """Name the place for a folder that is not asked for now."""
    name = mark[:8] or f'{time.time():.0f}'
    return folder.with_name(f'{folder.name}~{name}')


def digest(file: Path) -> str:
    """Return a digest of a file's content, an input of a stage."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
