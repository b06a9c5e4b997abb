"""A plain ResNet-50: a sub-backbone, the student, a baseline's backbone."""
resnet = dict(
    type='mmpretrain.ResNet',
    depth=50,  # paper: Sec. 4.1
    base_channels=64,
    stem_channels=64,
    out_indices=(0, 1, 2, 3),
    norm_eval=False)  # ours: nothing is pre-trained, so BN must learn
