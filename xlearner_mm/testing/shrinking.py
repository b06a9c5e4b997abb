"""Configs at full scale, made small enough for a test on the CPU."""
_WIDTHS = ('base_channels', 'stem_channels', 'in_channels', 'out_channels',
           'conv_out_channels', 'feat_channels', 'fc_out_channels', 'channels')
_SIZES = ('scale', 'crop_size', 'size')


def shrink(cfg: object, by: int = 8) -> None:
    """Divide every width and every size of images, in place.

    Depths, labels, strides, anchors and numbers of proposals stay.

    Args:
        cfg: Config of a model or of sources.
        by: The divisor; of what it does not divide, the rest is dropped.
            Where it divides `base_channels`, the channels still agree.
    """
    values = cfg.values() if isinstance(cfg, dict) else cfg
    for value in values:
        if isinstance(value, (dict, list, tuple)):
            shrink(value, by)
    if isinstance(cfg, dict):
        for key in {*_WIDTHS, *_SIZES} & set(cfg):
            cfg[key] = _part(cfg[key], by)


def _part(value: object, by: int) -> object:
    if isinstance(value, (list, tuple)):
        return type(value)(_part(v, by) for v in value)
    return value // by
