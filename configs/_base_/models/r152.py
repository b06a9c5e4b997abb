"""A plain ResNet-152: a sub-backbone, the student."""
resnet = dict(
    type='mmpretrain.ResNet',
    depth=152,  # paper: Table 4
    base_channels=64,
    stem_channels=64,
    out_indices=(0, 1, 2, 3),
    norm_eval=False)  # ours: nothing is pre-trained, so BN must learn
