"""The pre-trained ResNet, and by option an FPN that was trained with it.

XLEARNER_NECK=FILE, or --cfg-options neck=FILE with our tools, names the FPN:
a bare state dict, as tools/model_converters/export_backbone.py SRC DST --neck
SOURCE writes. Without it the FPN starts from random weights.
"""
_base_ = './backbone.py'
neck_checkpoint = '{{$XLEARNER_NECK:XLEARNER_NECK_is_not_set}}'
neck_init = dict(type='Xavier', layer='Conv2d', distribution='uniform')
custom_hooks = _base_.custom_hooks
if neck_checkpoint != 'XLEARNER_NECK_is_not_set':
    neck_init = dict(type='Pretrained', checkpoint=neck_checkpoint)
    custom_hooks = _base_.custom_hooks + [
        dict(
            type='xlearner_mm.PretrainedCheckHook',
            checkpoint=neck_checkpoint,
            modules=['neck'])
    ]
