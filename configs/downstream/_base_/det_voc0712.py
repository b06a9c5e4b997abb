"""Pascal VOC 07+12: 16,551 images of trainval, 4,952 of VOC 2007 test.

Unlike MoCo's detectron2, mmdet trains on no box marked `difficult`; small
boxes are kept, which mmdet's own config for VOC ignores.
"""
_root = '{{$XLEARNER_DATA:data}}/VOCdevkit/'
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True)
]
_train = _read + [
    dict(
        type='RandomChoiceResize',  # MoCo: short side 480 to 800 pixels
        scales=[(1333, side) for side in range(480, 801, 32)],
        keep_ratio=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs')
]
_test = _read[:1] + [dict(
    type='Resize', scale=(1333, 800), keep_ratio=True)] + _read[1:] + [
        dict(
            type='PackDetInputs',
            meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape',
                       'scale_factor'))
    ]

train_dataloader = dict(
    batch_size=2,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    batch_sampler=dict(type='AspectRatioBatchSampler'),
    dataset=dict(
        type='ConcatDataset',
        ignore_keys=['dataset_type'],  # VOC2007 and VOC2012
        datasets=[
            dict(
                type='VOCDataset',
                data_root=_root,
                ann_file=f'{_year}/ImageSets/Main/trainval.txt',
                data_prefix=dict(sub_data_root=f'{_year}/'),
                filter_cfg=dict(filter_empty_gt=True, min_size=32),
                pipeline=_train) for _year in ('VOC2007', 'VOC2012')
        ]))
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VOCDataset',
        data_root=_root,
        ann_file='VOC2007/ImageSets/Main/test.txt',
        data_prefix=dict(sub_data_root='VOC2007/'),
        test_mode=True,
        pipeline=_test))
test_dataloader = val_dataloader
val_evaluator = dict(type='VOCMetric', metric='mAP', eval_mode='11points')
test_evaluator = val_evaluator
transfer = dict(
    metric='pascal_voc/mAP',  # at IoU 0.5 alone: AP50
    scale=100.0,
    needs=[
        f'VOCdevkit/{name}'
        for name in ('VOC2007/JPEGImages', 'VOC2007/Annotations',
                     'VOC2007/ImageSets/Main/trainval.txt',
                     'VOC2007/ImageSets/Main/test.txt', 'VOC2012/JPEGImages',
                     'VOC2012/Annotations',
                     'VOC2012/ImageSets/Main/trainval.txt')
    ],
    source='http://host.robots.ox.ac.uk/pascal/VOC/',
    layout='VOCdevkit/VOC2007 and VOC2012, each with Annotations, ImageSets, '
    'JPEGImages')
del _root, _read, _train, _test
