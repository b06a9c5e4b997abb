"""Faster R-CNN R50-C4 as MoCo fine-tunes it: all layers train, all batch
norms too, and one more norm follows the last stage.

The checkpoint is loaded twice: stem and the first three stages into
`backbone`, the last stage into `roi_head.shared_head`, whose mmdet class
knows stages of width 64 only.
"""
_base_ = ['./backbone.py', 'mmdet::_base_/models/faster-rcnn_r50-caffe-c4.py']
if _base_.resnet.type != 'ResNet':
    raise ValueError(
        'C4 detectors keep the last stage in a shared head, where an expanded '
        'network has no place; use a config with FPN, or transfer one '
        'sub-backbone (tools/model_converters/export_backbone.py --task)')
if _base_.width != 64:
    raise ValueError(f'width {_base_.width}: the shared head of mmdet\'s C4 '
                     'detectors has width 64; use a config with FPN')
custom_imports = dict(
    imports=['xlearner_mm', 'mmpretrain.models'],  # ResLayerExtraNorm
    allow_failed_imports=False)
_trained = dict(
    norm_cfg=dict(type='BN', requires_grad=True),
    norm_eval=False,
    style='pytorch')
model = dict(
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True),
    backbone=dict(_base_.resnet, **_trained, frozen_stages=-1),
    rpn_head=dict(
        in_channels=_base_.channels[2], feat_channels=_base_.channels[2]),
    roi_head=dict(
        shared_head=dict(
            type='ResLayerExtraNorm',
            depth=_base_.depth,
            init_cfg=_base_.resnet['init_cfg'],
            **_trained),
        bbox_roi_extractor=dict(out_channels=_base_.channels[2]),
        bbox_head=dict(in_channels=_base_.channels[3])))
custom_hooks = [
    dict(
        type='xlearner_mm.PretrainedCheckHook',
        checkpoint=_base_.checkpoint,
        modules=['backbone', 'roi_head.shared_head'],
        may_stay_random=['roi_head.shared_head.norm'])
]
del _trained
