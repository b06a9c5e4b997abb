"""Configs at full scale, made small enough for a test on the CPU."""
_WIDTHS = ('base_channels', 'stem_channels', 'in_channels', 'out_channels',
           'feat_channels', 'fc_out_channels', 'channels')
_SIZES = ('scale', 'crop_size', 'size')


def shrink(cfg: object) -> None:
    """Divide every width and every size of images by 8, in place.

    Depths, labels, strides, anchors and numbers of proposals stay.

    Args:
        cfg: Config of a model or of sources; each divisible by 8, or rounded
            down.
    """
    values = cfg.values() if isinstance(cfg, dict) else cfg
    for value in values:
        if isinstance(value, (dict, list, tuple)):
            shrink(value)
    if isinstance(cfg, dict):
        for key in {*_WIDTHS, *_SIZES} & set(cfg):
            cfg[key] = _eighth(cfg[key])


def _eighth(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return type(value)(_eighth(v) for v in value)
    return value // 8
