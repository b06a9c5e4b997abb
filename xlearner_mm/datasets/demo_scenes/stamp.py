"""The note in the demo's folder that says what is there."""
import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from .sets import DEMO_SETS, DemoSet

STAMP = 'demo_data.json'
_MIN_SIZE = 32  # pixels; below it small objects vanish
_MIN_IMAGES = 12  # a split shows every class of every 'cls' set


@dataclass(frozen=True)
class DemoParameters:
    """What the files depend on; see :func:`generate_demo_data`."""
    image_size: int
    num_train: int
    num_val: int
    num_transfer: int
    num_test: int
    seed: int

    def check(self) -> None:
        """Refuse sizes and counts that cannot give usable sets."""
        if self.image_size < _MIN_SIZE:
            raise ValueError(f'image_size={self.image_size} is too small for '
                             f'the objects; use at least {_MIN_SIZE} pixels.')
        for key in ('num_train', 'num_val', 'num_transfer', 'num_test'):
            if getattr(self, key) < _MIN_IMAGES:
                raise ValueError(
                    f'{key}={getattr(self, key)} does not show every class; '
                    f'use at least {_MIN_IMAGES} images.')
        if self.seed < 0:
            raise ValueError(f'seed={self.seed} is negative; use 0 or more.')

    def splits(self, demo_set: DemoSet) -> dict[str, int]:
        """Number of images of each split of a set."""
        if not demo_set.transfer:
            return dict(train=self.num_train, val=self.num_val)
        if demo_set.task == 'cls':
            return dict(
                train=self.num_transfer, val=self.num_val, test=self.num_test)
        return dict(train=self.num_transfer, val=self.num_test)


def _digest() -> str:
    """Digest of this package's source, so that other code writes anew."""
    sources = sorted(Path(__file__).parent.glob('*.py'))
    return hashlib.sha256(b''.join(p.read_bytes()
                                   for p in sources)).hexdigest()


def clear(root: Path) -> None:
    """Remove what an earlier run left; keep folders it did not make."""
    folders = [root / name for name in DEMO_SETS if (root / name).exists()]
    if folders and not (root / STAMP).exists():
        raise FileExistsError(
            f'{folders[0]} exists, but {root / STAMP} does not, so the demo '
            'did not make it; choose another root or move the folder away.')
    for folder in folders:
        shutil.rmtree(folder)


def _content(parameters: DemoParameters, complete: bool) -> dict:
    """What the stamp says."""
    return dict(
        parameters=asdict(parameters), source=_digest(), complete=complete)


def write_stamp(root: Path, parameters: DemoParameters,
                complete: bool) -> None:
    """Note what ``root`` holds, or is about to hold."""
    draft = root / f'{STAMP}.tmp'
    draft.write_text(json.dumps(_content(parameters, complete), indent=2))
    draft.replace(root / STAMP)


def is_complete(root: Path, parameters: DemoParameters) -> bool:
    """Whether all sets are there, written with exactly these parameters."""
    try:
        found = json.loads((root / STAMP).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return (found == _content(parameters, complete=True) and all(
        (root / name).is_dir() for name in DEMO_SETS))
