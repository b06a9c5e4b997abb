"""DeepLabv3 of output stride 16 with the pre-trained ResNet, 21 classes.

As mmseg's, but a plain ResNet: the stem of mmseg's ResNetV1c has other
weights than a checkpoint holds and would stay random.
"""
_base_ = './backbone.py'
if _base_.resnet.type != 'ResNet':
    raise ValueError(
        'the last stages are dilated here, but the reconciliation layers of '
        'an expanded network join stages of strides 4, 8, 16, 32; use UPerNet '
        'or a config with FPN, or transfer one sub-backbone '
        '(tools/model_converters/export_backbone.py --task)')
_head = dict(
    num_classes=21,
    dropout_ratio=0.1,
    norm_cfg=dict(type='BN', requires_grad=True),
    align_corners=False)
# ours: averaged as PyTorch does; small pictures are mostly padding
_loss = dict(type='CrossEntropyLoss', avg_non_ignore=True)
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=(513, 513)),  # of training; test images keep their own size
    backbone=dict(
        _base_.resnet,
        strides=(1, 2, 2, 1),
        dilations=(1, 1, 1, 2),
        contract_dilation=True,
        norm_eval=False),
    decode_head=dict(
        _head,
        type='ASPPHead',
        in_channels=_base_.channels[3],
        in_index=3,
        channels=512,  # mmseg's; Chen et al. have 256
        dilations=(1, 6, 12, 18),
        loss_decode=dict(_loss, loss_weight=1.0)),
    auxiliary_head=dict(
        _head,
        type='FCNHead',
        in_channels=_base_.channels[2],
        in_index=2,
        channels=256,
        num_convs=1,
        concat_input=False,
        loss_decode=dict(_loss, loss_weight=0.4)),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))
del _head, _loss
