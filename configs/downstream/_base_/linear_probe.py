"""What all linear probes share (paper Sec. 4.2): network and transform."""
_base_ = './backbone.py'
default_scope = 'mmpretrain'
backbone = dict(
    _base_.resnet,
    out_indices=(3, ))  # ours: the last stage; paper: as CLIP's linear probe
data_preprocessor = dict(
    type='ClsDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True)
batch_size = 64  # ours: images per forward pass; no result depends on it
# ours: Pillow, for some files named .jpg in SUN397 and Pets are no JPEGs
load = [dict(type='LoadImageFromFile', imdecode_backend='pillow')]
transform = [
    dict(
        type='ResizeEdge',
        scale=224,  # paper: Sec. 4.2
        edge='short',
        interpolation='bicubic',  # ours, with the crop: as CLIP
        backend='pillow'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs')
]
pipeline = load + transform
