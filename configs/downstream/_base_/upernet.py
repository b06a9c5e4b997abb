"""UPerNet with the pre-trained ResNet, 150 classes; for 512 x 512 crops."""
_base_ = './backbone.py'
_head = dict(
    num_classes=150,
    dropout_ratio=0.1,
    norm_cfg=dict(type='BN', requires_grad=True),
    align_corners=False)
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=(512, 512)),  # of training; test images keep their own size
    backbone=dict(_base_.resnet, norm_eval=False),
    decode_head=dict(
        _head,
        type='UPerHead',
        in_channels=_base_.channels,
        in_index=[0, 1, 2, 3],
        pool_scales=(1, 2, 3, 6),
        channels=512,
        loss_decode=dict(type='CrossEntropyLoss', loss_weight=1.0)),
    auxiliary_head=dict(
        _head,
        type='FCNHead',
        in_channels=_base_.channels[2],
        in_index=2,
        channels=256,
        num_convs=1,
        concat_input=False,
        loss_decode=dict(type='CrossEntropyLoss', loss_weight=0.4)),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))
del _head
