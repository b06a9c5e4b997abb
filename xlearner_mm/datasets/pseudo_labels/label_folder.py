"""The labels of one source on disk: complete, or on the way."""
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from ...errors import UserError


class LabelFolder:
    """A source's folder, and the draft beside it.

    The draft, `<path>.part`, has the labels of finished chunks in
    `chunks/<first>-<end>.json`, and in `files` what will be the folder. That
    is moved in one step when all is there, after an older one was moved away.

    Args:
        path: The folder.
        stamp: What its labels have to be made from, see :func:`stamps_of`.
    """

    def __init__(self, path: Path, stamp: Mapping[str, object]) -> None:
        self.path, self.stamp = path, dict(stamp)
        self.draft = path.with_name(f'{path.name}.part')
        self.files = self.draft / 'files'

    def problem(self, num_images: int) -> str:
        """Say why a student cannot use the labels; '' if it can.

        Args:
            num_images: How many images have to be labelled.
        """
        held = read_json(self.path / 'stamp.json')
        if held == self.stamp:
            stats = read_json(self.path / 'stats.json')
            if measure(self.path) == stats.get('content'):
                return ''
            return 'damaged: files are missing or changed'
        if read_json(self.draft / 'stamp.json') == self.stamp:
            done = sum(end - first for first, end in self.chunks())
            return f'incomplete: {done} of {num_images} images are labelled'
        if held:
            other = [k for k, v in self.stamp.items() if held.get(k) != v]
            return f'made from something else (other {", ".join(other)})'
        return f'missing: 0 of {num_images} images are labelled'

    def begin(self) -> None:
        """Make the draft; one that was made from something else is removed.

        Raises:
            UserError: In the folder's place is one that is not ours.
        """
        if self.path.exists() and not (self.path / 'stamp.json').exists():
            raise UserError(f'{self.path} holds no labels of ours; move it '
                            'away, or choose another pseudo_labels.folder')
        ours = read_json(self.draft / 'stamp.json') == self.stamp
        if not (ours and self.files.is_dir()):
            shutil.rmtree(self.draft, ignore_errors=True)
            (self.draft / 'chunks').mkdir(parents=True)
            self.files.mkdir()
            write_json(self.draft / 'stamp.json', self.stamp)

    def chunks(self) -> list[tuple[int, int]]:
        """Return first and end of the finished chunks."""
        files = sorted((self.draft / 'chunks').glob('*-*.json'))
        return [tuple(map(int, file.stem.split('-'))) for file in files]

    def chunk_file(self, chunk: range) -> Path:
        """Return the file of a chunk's labels."""
        return (self.draft / 'chunks' /
                f'{chunk.start:09d}-{chunk.stop:09d}.json')

    def publish(self, stats: Mapping[str, object]) -> None:
        """Move the finished files to the folder.

        Args:
            stats: What :meth:`stats` will give.
        """
        write_json(self.files / 'stamp.json', self.stamp)
        write_json(self.files / 'stats.json',
                   dict(stats, content=measure(self.files)))
        old = self.draft / 'old'
        shutil.rmtree(old, ignore_errors=True)
        if self.path.is_dir():
            self.path.replace(old)
        self.files.replace(self.path)
        shutil.rmtree(self.draft)

    def stats(self) -> dict:
        """Return what was published with the files."""
        return read_json(self.path / 'stats.json')


def measure(folder: Path) -> dict[str, int]:
    """Count label files, and their bytes."""
    sizes = [
        file.stat().st_size for file in folder.rglob('*')
        if file.is_file() and file.name not in ('stamp.json', 'stats.json')
    ]
    return dict(files=len(sizes), bytes=sum(sizes))


def write_json(file: Path, content: object) -> None:
    """Write a JSON file, which is complete or absent."""
    draft = file.with_suffix('.tmp')
    draft.write_text(json.dumps(content))
    draft.replace(file)


def read_json(file: Path) -> dict:
    """Read a JSON file of ours; one that is not there counts as empty."""
    return json.loads(file.read_text()) if file.is_file() else {}
