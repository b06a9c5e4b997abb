"""Lists of annotations as long as wanted, over a few images on disk."""
from itertools import cycle, islice
from multiprocessing import active_children
from pathlib import Path
from statistics import median

import numpy as np
from torch.utils.data import DataLoader

from .loading_inputs import write_jpeg
from .processes import private_bytes

NUM_IMAGES = 8  # files on disk; the list names each of them many times
NUM_CLASSES = 1000


def listed_sources(root: Path, count: int, images: int) -> list[dict]:
    """Write sources of mmpretrain's CustomDataset below `root`.

    Args:
        root: A folder per source is made in it.
        count: N.
        images: Lines in the lists of all sources together.
    """
    rng = np.random.default_rng(0)
    files = [f'{i}.jpg' for i in range(NUM_IMAGES)]
    sources = []
    for i in range(count):
        folder = root / f'listed_{i}'
        for file in files:
            write_jpeg(folder / file, 64, rng)
        with open(folder / 'list.txt', 'w') as stream:
            for j, file in enumerate(islice(cycle(files), images // count)):
                stream.write(f'{file} {j % NUM_CLASSES}\n')
        dataset = dict(
            type='CustomDataset',
            data_root=str(folder),
            ann_file='list.txt',
            pipeline=[dict(type='LoadImageFromFile'),
                      dict(type='PackInputs')])
        sources.append(
            dict(
                name=folder.name,
                task='cls',
                scope='mmpretrain',
                batch_size=16,
                train=dataset))
    return sources


def annotation_bytes(loader: DataLoader) -> int:
    """Return the size of all sources' annotations as MMEngine keeps them."""
    return sum(d.data_bytes.nbytes + d.data_address.nbytes
               for d in loader.dataset.datasets.values())


def bytes_per_worker(loader: DataLoader, iterations: int) -> float:
    """Load for some iterations in new workers.

    Args:
        loader: With workers; no others may be running.
        iterations: How many.

    Returns:
        The median of the bytes that the workers then have for themselves.
    """
    batches = iter(loader)
    for _ in range(iterations):
        next(batches)
    return median(private_bytes(w.pid) for w in active_children())
