"""A plain ResNet; XLEARNER_DEPTH and XLEARNER_WIDTH say which."""
depth = int('{{$XLEARNER_DEPTH:50}}')
width = int('{{$XLEARNER_WIDTH:64}}')
channels = [(4 if depth >= 50 else 1) * width * 2**i for i in range(4)]
resnet = dict(
    type='ResNet',
    depth=depth,
    base_channels=width,
    stem_channels=width,
    style='pytorch')
