"""Semantic FPN on the demo's unseen shapes: a stock mmseg config.

Only `init_cfg` names the exported backbone. Run by `make demo`.
"""
_base_ = ['./_base_/sources.py', './_base_/student.py', './_base_/transfer.py']
default_scope = 'mmseg'
_source = _base_.layout
_classes = ('background', 'bolt', 'drop', 'heart', 'hexagon', 'ring', 'tee')
_data = dict(
    data_root='{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_seg',
    metainfo=dict(classes=_classes))
model = dict(
    _source.model,
    backbone=dict(
        _base_.resnet,
        type='ResNet',
        norm_eval=False,
        init_cfg=dict(type='Pretrained', checkpoint='')))
model['decode_head'] = dict(model['decode_head'], num_classes=len(_classes))
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(_source.train, **_data))
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(_source.val, **_data))
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
