"""Semantic FPN on the demo's unseen shapes: a stock mmseg config.

Run by `make demo`, or with any ResNet by tools/transfer.py CHECKPOINT
--suite demo.
"""
_base_ = [
    './_base_/sources.py', '../downstream/_base_/backbone.py',
    './_base_/transfer.py'
]
default_scope = 'mmseg'
_source = _base_.layout
_classes = ('background', 'bolt', 'drop', 'heart', 'hexagon', 'ring', 'tee')
_data = dict(
    data_root='{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_seg',
    metainfo=dict(classes=_classes))
model = dict(_source.model, backbone=dict(_base_.resnet, norm_eval=False))
model['neck'] = dict(model['neck'], in_channels=_base_.channels)
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
transfer = dict(
    metric='mIoU',
    scale=1.0,
    lr=dict(SGD=(0.002, 0.1), AdamW=(1e-4, 5e-3)),
    needs=['down_seg/img_dir', 'down_seg/ann_dir'],
    source='`make demo`',
    layout='down_seg/{img_dir,ann_dir}/{train,val}')
del _source, _classes, _data
