"""RetinaNet on the demo's unseen shapes: a stock mmdet config.

Only `init_cfg` names the exported backbone. Run by `make demo`.
"""
_base_ = ['./_base_/sources.py', './_base_/student.py', './_base_/transfer.py']
default_scope = 'mmdet'
_source = _base_.parts
_classes = ('bolt', 'drop', 'heart', 'hexagon', 'ring', 'tee')
_root = '{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_det'
_data = dict(data_root=_root, metainfo=dict(classes=_classes))
model = dict(
    _source.model,
    backbone=dict(
        _base_.resnet,
        type='ResNet',
        norm_eval=False,
        init_cfg=dict(type='Pretrained', checkpoint='')))
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
