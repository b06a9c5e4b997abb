"""X-Learner_r's sub-backbone: a ResNet-18 of a third of the demo's size."""
light = dict(
    type='mmpretrain.ResNet',
    depth=18,
    # paper: Sec. 4.4, 1 / sqrt(T) of the channels; T = 3: 16 / sqrt(3) = 9.2
    base_channels=9,
    stem_channels=9,
    out_indices=(0, 1, 2, 3))
light_channels = [9, 18, 36, 72]
