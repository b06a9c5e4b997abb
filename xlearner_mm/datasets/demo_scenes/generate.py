"""Generate every set of the demo below one folder."""
import logging
from dataclasses import dataclass
from pathlib import Path

from .sets import DEMO_SETS
from .stamp import DemoParameters, clear, is_complete, write_stamp
from .streams import make_scenes
from .writers import WRITERS

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DemoData:
    """Where the demo's data lies and how much of it there is.

    Args:
        root (Path): Folder with one sub-folder per set.
        num_images (dict[str, dict[str, int]]): Number of images by set and
            split.
    """
    root: Path
    num_images: dict[str, dict[str, int]]


def generate_demo_data(root: str | Path,
                       *,
                       image_size: int = 64,
                       num_train: int = 3000,
                       num_val: int = 300,
                       num_transfer: int = 600,
                       num_test: int = 600,
                       seed: int = 0) -> DemoData:
    """Write all sets of the demo, unless they are there already.

    Each set has its own folder with a ``classes.txt``;
    :mod:`.writers` says how it is laid out. As in real data, an image of
    each detection split has no box, a training mask of each segmentation
    set is all ``IGNORE``, and image sizes vary (detection) or are odd once
    (segmentation, training). Not for several processes at a time.

    Args:
        root (str | Path): Folder to write to. What an unfinished run, or
            one with other parameters, left there is replaced.
        image_size (int): Side of classification images in pixels, at least
            32; the others are half as large again. Defaults to 64.
        num_train (int): Training images of each source, at least 12.
            Defaults to 3000.
        num_val (int): Validation images of each source and of
            ``down_cls``, at least 12. Defaults to 300.
        num_transfer (int): Training images of each transfer set, at least
            12. Defaults to 600.
        num_test (int): Images of the split that transfer is measured on
            (``down_cls`` test, ``down_det`` and ``down_seg`` val), at least
            12. Defaults to 600.
        seed (int): Seed, not negative. Defaults to 0.

    Returns:
        DemoData: Root and number of images of each split.

    Raises:
        ValueError: If a size, a number or the seed is too small.
        FileExistsError: If ``root`` holds a folder with the name of a set
            that this function did not make.
    """
    root = Path(root)
    parameters = DemoParameters(image_size, num_train, num_val, num_transfer,
                                num_test, seed)
    parameters.check()
    num_images = {n: parameters.splits(s) for n, s in DEMO_SETS.items()}
    if not is_complete(root, parameters):
        root.mkdir(parents=True, exist_ok=True)
        clear(root)
        write_stamp(root, parameters, complete=False)
        for name, splits in num_images.items():
            _write_set(root / name, splits, image_size, seed)
        write_stamp(root, parameters, complete=True)
    return DemoData(root, num_images)


def _write_set(folder: Path, splits: dict[str, int], image_size: int,
               seed: int) -> None:
    """Write all splits of the set that ``folder`` is named after."""
    demo_set = DEMO_SETS[folder.name]
    for split, num in splits.items():
        logger.info('Writing %d images of %s/%s', num, folder.name, split)
        scenes = make_scenes(folder.name, split, num, image_size, seed)
        WRITERS[demo_set.task](folder, demo_set, split, scenes)
    (folder / 'classes.txt').write_text('\n'.join(demo_set.classes) + '\n')
