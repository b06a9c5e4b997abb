"""X-Learner_r's HalfResNet-50: 49.4 % of ResNet-50's convolution weights."""
light = dict(
    type='mmpretrain.ResNet',
    depth=50,
    # paper: Sec. 4.4, 1 / sqrt(T) of the channels; T = 2: 64 / sqrt(2) = 45.3
    base_channels=45,
    stem_channels=45,
    out_indices=(0, 1, 2, 3),
    norm_eval=False)  # ours: nothing is pre-trained, so BN must learn
light_channels = [180, 360, 720, 1440]
