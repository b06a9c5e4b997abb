"""What labels were made from: images, teacher, threshold."""
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from ...errors import UserError
from .plan import PseudoLabels, is_below, source_of

_SUFFIXES = ('.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif')


@dataclass(frozen=True)
class ImageSet:
    """The images to label.

    Args:
        paths: Relative to the data root, with slashes, sorted.
        digest: Of paths and sizes in bytes.
    """

    paths: Sequence[str]
    digest: str

    @classmethod
    def find(cls, plan: PseudoLabels) -> 'ImageSet':
        """Look for images in a plan's folders, at any depth.

        Raises:
            UserError: A folder is missing, has no image, is outside
                data_root, or would have the labels in it.
        """
        found = {}
        for name in plan.images:
            folder = Path(plan.data_root, name)
            if not is_below(folder, plan.data_root):
                raise UserError(f'pseudo_labels.images: {folder} is not below '
                                f'data_root={plan.data_root}, from which the '
                                'label files name their images')
            if is_below(plan.folder, folder):
                raise UserError(f'pseudo_labels.folder: {plan.folder} is in '
                                f'{folder}, where label PNGs would count as '
                                'images; choose a folder elsewhere')
            sizes = {
                Path(os.path.relpath(file, plan.data_root)).as_posix():
                file.stat().st_size
                for file in _files_below(folder)
                if file.suffix.lower() in _SUFFIXES
            }
            if not sizes:
                raise UserError(f'pseudo_labels.images: no image in {folder}; '
                                'check data_root and the folder; read are '
                                f'{", ".join(_SUFFIXES)}')
            found.update(sizes)
        items = sorted(found.items())
        return cls([path for path, _ in items], _digest(items))


def stamps_of(plan: PseudoLabels, images: ImageSet) -> dict[str, dict]:
    """Return, for each source, all that its labels depend on.

    Args:
        plan: Teachers and thresholds.
        images: The images.

    Returns:
        `{source: {'images': ..., 'checkpoint': ..., 'config': ...,
        'score_thr': ...}}`, the first three digests. Of a teacher's config
        they hold its model and how it reads an image, but no path.

    Raises:
        UserError: A teacher's config or checkpoint is missing.
    """
    for teacher in plan.teachers.values():
        if not os.path.isfile(teacher.config):
            raise UserError(f'no config of a teacher at {teacher.config}; '
                            'check pseudo_labels.teachers')
        if not os.path.isfile(teacher.checkpoint):
            raise UserError(f'no checkpoint of a teacher at '
                            f'{teacher.checkpoint}; train it first:\n'
                            f'    python tools/train.py {teacher.config}')
    # Several teachers may be one model.
    weights = {
        file: _digest_file(file)
        for file in {t.checkpoint
                     for t in plan.teachers.values()}
    }
    return {
        name:
        dict(
            images=images.digest,
            checkpoint=weights[teacher.checkpoint],
            config=_digest_settings(Config.fromfile(teacher.config), name),
            score_thr=teacher.score_thr)
        for name, teacher in plan.teachers.items()
    }


def _files_below(folder: Path) -> list[Path]:
    return [
        Path(root, name)
        for root, _, names in os.walk(folder, followlinks=True)
        for name in names
    ]


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_file(file: str) -> str:
    digest = hashlib.sha256()
    with open(file, 'rb') as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _digest_settings(cfg: Config, name: str) -> str:
    source = source_of(cfg, name)
    model = {k: v for k, v in cfg.model.items() if k != 'sources'}
    val = source.val or {}
    reading = [
        val.get(key) for key in ('type', 'pipeline', 'metainfo', 'classes')
    ] + [source.val_batch_size]
    return _digest([model, source.scope, source.model, reading])
