"""X-Learner_r's sub-backbone: a ResNet-18 of half the demo's size."""
light = dict(
    type='mmpretrain.ResNet',
    depth=18,
    # paper: Sec. 4.4, 1 / sqrt(T) of the channels; T = 2: 16 / sqrt(2) = 11.3
    base_channels=11,
    stem_channels=11,
    out_indices=(0, 1, 2, 3))
light_channels = [11, 22, 44, 88]
