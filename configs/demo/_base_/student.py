"""The demo's backbone: ResNet-18 of width 16, 0.7 M parameters."""
resnet = dict(
    type='mmpretrain.ResNet',  # its norm_eval is False: BatchNorm trains
    depth=18,
    base_channels=16,
    stem_channels=16,
    out_indices=(0, 1, 2, 3))
