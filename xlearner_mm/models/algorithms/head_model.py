"""Head models: unmodified upstream models fed with features."""
from collections.abc import Iterator

from torch import nn

from ...errors import UserError
from ...registry import MODELS
from ...sources import Source

#: Models that measure: their datasets' classes, of scenes, go unpredicted.
_WITHOUT_CLASSES = ('DepthEstimator', )


def build_head_model(source: Source) -> nn.Module:
    """Build a source's upstream model around a pass-through backbone.

    Args:
        source: A source whose `model` is an upstream config without
            backbone.

    Returns:
        The model; its `backbone` is a :class:`FeaturePassThrough`.

    Raises:
        UserError: The config brings a backbone of its own, or a head that
            owns a part of the backbone (`shared_head` of a C4 detector).
    """
    cfg = dict(source.model)
    if 'backbone' in cfg:
        raise UserError(f"source '{source.name}': its model names a backbone; "
                        'leave it out, the sub-backbone of its task is used')
    if (cfg.get('roi_head') or {}).get('shared_head'):
        raise UserError(
            f"source '{source.name}': a C4 detector keeps the backbone's last "
            'stage in roi_head.shared_head, so it cannot share a backbone; '
            'use a detector with FPN')
    cfg['backbone'] = dict(type='xlearner_mm.FeaturePassThrough')
    return source.build(MODELS, cfg, 'head model')


def num_classes(model: nn.Module) -> int | None:
    """Find how many classes a built head model tells apart.

    Returns:
        The smallest `num_classes` among its heads, without a detector's
        class-agnostic proposal head; None where it has none, or predicts a
        depth, whose head counts one class.
    """
    if any(c.__name__ in _WITHOUT_CLASSES for c in type(model).__mro__):
        return None
    heads = [
        getattr(model, name)
        for name in ('head', 'bbox_head', 'roi_head', 'decode_head')
        if getattr(model, name, None) is not None
    ]
    counts = [n for head in heads for n in _class_counts(head)]
    return min(counts) if counts else None


def _class_counts(head: nn.Module) -> Iterator[int]:
    for module in head.modules():
        count = getattr(module, 'num_classes', None)
        if isinstance(count, int):
            yield count
