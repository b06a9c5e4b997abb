"""Features on disk, so that a second probe of a backbone costs no pass."""
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from mmengine.dist import broadcast_object_list, is_main_process
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Dataset

from ...version import __version__

Features = tuple[Tensor, Tensor]


def digest_weights(module: nn.Module) -> str:
    """Return a digest of a module's parameters and buffers."""
    digest = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value.cpu().numpy()).tobytes())
    return digest.hexdigest()


def digest_dataset(dataset: Dataset) -> str:
    """Return a digest of an OpenMMLab dataset's images and labels.

    Of an image in a file it takes path, size and time of its last change.
    """
    digest = hashlib.sha256()
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        if 'img' in info:
            digest.update(info['img'].tobytes())
        else:
            stat = os.stat(info['img_path'])
            digest.update(f'{info["img_path"]} {stat.st_size} '
                          f'{stat.st_mtime_ns}'.encode())
        digest.update(str(info['gt_label']).encode())
    return digest.hexdigest()


def cached(folder: Path, name: str, parts: Mapping[str, object],
           compute: Callable[[], Features | None]) -> Features | None:
    """Return features from a file, or compute them and write it.

    Args:
        folder: Where the files are.
        name: Start of the file's name, for people.
        parts: All that the features depend on: JSON values or configs.
        compute: Gives features (N, C) and labels (N,); in a distributed run,
            None in all processes but the first.

    Returns:
        What `compute` returns; None in all processes but the first.
    """
    parts = dict(parts, version=__version__)
    text = json.dumps(parts, sort_keys=True, default=str)
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    file = folder / f'{name}-{key}.safetensors'
    held = _read(file) if is_main_process() else None
    there = [held is not None]
    broadcast_object_list(there)
    if there[0]:
        return held
    features = compute()
    if features is not None:
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix('.tmp')
        save_file(
            dict(features=features[0].contiguous(), labels=features[1]), draft)
        draft.replace(file)
    return features


def _read(file: Path) -> Features | None:
    """Read a file; one that is not there, or broken, counts as none."""
    if not file.exists():
        return None
    try:
        held = load_file(file)
    except (SafetensorError, OSError) as error:
        print(f'{file}: {error}; computed again')
        return None
    return held['features'], held['labels']
