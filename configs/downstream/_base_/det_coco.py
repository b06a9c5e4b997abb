"""COCO 2017 with boxes as mmdet reads it: 118,287 / 5,000 images."""
_base_ = 'mmdet::_base_/datasets/coco_detection.py'
_root = '{{$XLEARNER_DATA:data}}/coco/'
train_dataloader = dict(dataset=dict(data_root=_root))
val_dataloader = dict(dataset=dict(data_root=_root))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=_root + 'annotations/instances_val2017.json')
test_evaluator = val_evaluator
transfer = dict(
    metric='coco/bbox_mAP',
    scale=100.0,
    needs=[
        'coco/annotations/instances_train2017.json',
        'coco/annotations/instances_val2017.json', 'coco/train2017',
        'coco/val2017'
    ],
    source='https://cocodataset.org/#download',
    layout='coco with annotations, train2017 and val2017')
del _root
