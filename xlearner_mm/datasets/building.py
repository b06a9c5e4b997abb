"""Datasets of sources, whose errors name source, file and line."""
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from mmengine.registry import DATASETS
from torch.utils.data import Dataset

from ..errors import UserError
from ..sources import Source

_LISTED = re.compile(r'\S.*\s\d+')


def build_dataset(source: Source, cfg: Mapping, part: str) -> Dataset:
    """Build a source's dataset, of any package.

    Args:
        source: The source.
        cfg: The dataset's config.
        part: What it is, for the message, e.g. 'train dataset'.

    Raises:
        UserError: It cannot be built, e.g. as an annotation file is damaged.
    """
    start = f"source '{source.name}'"
    try:
        return source.build(DATASETS, cfg, part)
    except UserError as error:
        if str(error).startswith(start):
            raise
        raise UserError(f'{start}: {error}') from error
    except Exception as error:  # whatever a parser of upstream may raise
        raise UserError(f'{start}: its {part} cannot be read: '
                        f'{_culprit(cfg, error)}; mend the file, or download '
                        'it again') from error


def _culprit(cfg: Mapping, error: Exception) -> str:
    """Name the file, and the line, that a parser stumbled over."""
    root = Path(cfg.get('data_root') or '')
    if isinstance(error, ElementTree.ParseError):
        for file in sorted(root.rglob('*.xml')):
            try:
                ElementTree.parse(file)
            except ElementTree.ParseError as problem:
                return f'{file}: {problem}'
    file = root / (cfg.get('ann_file') or '')
    if file.suffix == '.txt' and file.is_file():
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if not _LISTED.fullmatch(line.strip()):
                return f"{file}, line {number}: {line!r} is not 'path label'"
    return f'{file}: {type(error).__name__}: {error}'
