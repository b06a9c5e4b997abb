"""What annotation files of any size tell at little cost."""
import json
import re
from collections.abc import Iterator
from pathlib import Path

#: Bytes that are read at most of each end of a file. 10,000 categories with
#: their taxonomy, iNaturalist's, are 3 MB.
BUDGET = 8 << 20
_KEY = re.compile(r'"categories"\s*:\s*(?=\[)')


def categories_of(file: str | Path, budget: int = BUDGET) -> list[dict] | None:
    """Read the categories from the beginning or the end of a file.

    Writers put them there, before or after the images and annotations.

    Args:
        file: A JSON file in COCO's format.
        budget: Bytes to read at most from either end.

    Returns:
        The entries of `categories`, in the file's order; None where they are
        not within the budget, or the file is of another format.
    """
    for text in _ends(file, budget):
        for found in reversed(list(_KEY.finditer(text))):
            try:
                entries, _ = json.JSONDecoder().raw_decode(text, found.end())
            except json.JSONDecodeError:
                continue  # cut off, or a text that looks like it
            if all(isinstance(e, dict) and 'id' in e for e in entries):
                return entries
    return None


def count_images(file: str | Path, budget: int = BUDGET) -> int | None:
    """Count the images of a small annotation file.

    Args:
        file: A JSON file in COCO's format, or a list with an image a line.
        budget: Bytes of the largest file that is read.

    Returns:
        Their number; None for a larger file, or one of another format.
    """
    if Path(file).stat().st_size > budget:
        return None
    text = Path(file).read_text(errors='replace')
    if Path(file).suffix != '.json':
        return len(text.splitlines())
    try:
        return len(json.loads(text)['images'])
    except (ValueError, KeyError, TypeError):
        return None


def _ends(file: str | Path, budget: int) -> Iterator[str]:
    """Yield the last bytes of a file, then the first."""
    size = Path(file).stat().st_size
    with open(file, 'rb') as stream:
        for start in {max(0, size - budget): None, 0: None}:
            stream.seek(start)
            yield stream.read(budget).decode(errors='replace')
