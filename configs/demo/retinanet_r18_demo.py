"""RetinaNet on the demo's unseen shapes: a stock mmdet config.

Run by `make demo`, or with any ResNet by tools/transfer.py CHECKPOINT
--suite demo.
"""
_base_ = [
    './_base_/sources.py', '../downstream/_base_/backbone.py',
    './_base_/transfer.py'
]
default_scope = 'mmdet'
_source = _base_.parts
_classes = ('bolt', 'drop', 'heart', 'hexagon', 'ring', 'tee')
_root = '{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_det'
_data = dict(data_root=_root, metainfo=dict(classes=_classes))
model = dict(_source.model, backbone=dict(_base_.resnet, norm_eval=False))
model['neck'] = dict(model['neck'], in_channels=_base_.channels)
model['bbox_head'] = dict(model['bbox_head'], num_classes=len(_classes))
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(_source.train, **_data))
val_dataloader = dict(
    batch_size=25,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(_source.val, **_data))
val_evaluator = dict(
    type='CocoMetric', ann_file=_root + '/annotations/val.json', metric='bbox')
transfer = dict(
    metric='coco/bbox_mAP_50',
    scale=100.0,
    lr=dict(SGD=(0.002, 0.1), AdamW=(1e-4, 5e-3)),
    needs=['down_det/annotations/train.json', 'down_det/annotations/val.json'],
    source='`make demo`',
    layout='down_det/{annotations,train,val}')
del _source, _classes, _root, _data
