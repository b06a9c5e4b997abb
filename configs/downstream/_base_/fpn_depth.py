"""Our small FPN depth head on the pre-trained ResNet; depths below 10 m."""
_base_ = './backbone.py'
custom_imports = dict(
    imports=['xlearner_mm', 'xlearner_mm.models.decode_heads'])
model = dict(
    type='DepthEstimator',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=0,  # 0 m is unknown; mmseg's default of 255 is a depth
        size=(416, 544)),  # of training; test images keep their own size
    backbone=dict(_base_.resnet, norm_eval=False),
    neck=dict(
        type='FPN', in_channels=_base_.channels, out_channels=256, num_outs=4),
    decode_head=dict(
        type='xlearner_mm.FPNDepthHead',
        in_channels=[256, 256, 256, 256],
        channels=128,
        feature_strides=[4, 8, 16, 32],
        max_depth=10.0,
        norm_cfg=dict(type='BN', requires_grad=True),
        loss_decode=dict(type='SiLogLoss')),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))
