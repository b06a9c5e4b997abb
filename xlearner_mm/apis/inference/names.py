"""What a source's labels are called."""
from collections.abc import Mapping

from ...sources import Source


def class_names(source: Source, checkpoint: Mapping) -> list[str] | None:
    """Find the names of a source's classes, without its dataset.

    Args:
        source: The source.
        checkpoint: A run's, which holds what its datasets were called.

    Returns:
        A name for each label; None where nothing says them.
    """
    metas = (checkpoint.get('meta') or {}).get('dataset_meta') or {}
    known = [metas.get(source.name)]
    known += [(part or {}).get('metainfo')
              for part in (source.test, source.val, source.train)]
    for meta in known:
        if meta and meta.get('classes'):
            return list(meta['classes'])
    return None
