"""Files that are whole or not there, and folders for one process alone."""
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from .errors import UserError

_RANKS = ('RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK')


def write_whole(file: Path, content: bytes) -> None:
    """Write a file: whatever fails, it is the old one or the new one.

    The content is on the disk before it gets its name.

    Raises:
        OSError: It cannot be written, e.g. as the disk is full.
    """
    draft = file.with_name(f'{file.name}.tmp')
    try:
        with open(draft, 'wb') as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:  # of torch, too: a loader's worker has died
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@register_backend('whole')
class WholeFileBackend(LocalBackend):
    """MMEngine's local files, each written by :func:`write_whole`."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write bytes to a file, in a folder that is made for it."""
        Path(filepath).parent.mkdir(parents=True, exist_ok=True)
        write_whole(Path(filepath), obj)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other programs out of a folder, e.g. after `kill` of a parent.

    Of several processes of a launcher, the first does it for all.

    Raises:
        UserError: One works there already.
    """
    if any(int(os.environ.get(rank, 0)) > 0 for rank in _RANKS):
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / 'lock', 'w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(f'another process works in {folder}; wait for it '
                            'or end it, or take another folder') from error
        yield


def is_taken(folder: Path) -> bool:
    """Whether a program works in a folder, see :func:`alone_in`."""
    try:
        with open(folder / 'lock') as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
