"""Blood cells (BCCD), 292 / 72 photographs with boxes, Pascal VOC XML."""
_dataset = dict(
    type='VOCDataset',
    data_root='{{$XLEARNER_DATA:data}}/det/bccd/',
    data_prefix=dict(sub_data_root=''),
    metainfo=dict(
        classes=('RBC', 'WBC', 'Platelets'),
        palette=[(220, 20, 60), (119, 11, 32), (0, 0, 142)]))
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True)
]
_resize = [dict(type='Resize', scale=(320, 240), keep_ratio=True)]

train_dataloader = dict(
    batch_size=4,  # ours: for the CPU
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        _dataset,
        ann_file='ImageSets/Main/trainval.txt',
        pipeline=_read + _resize +
        [dict(type='RandomFlip', prob=0.5),
         dict(type='PackDetInputs')]))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset,
        ann_file='ImageSets/Main/test.txt',
        test_mode=True,
        pipeline=_read[:1] + _resize + _read[1:] + [
            dict(
                type='PackDetInputs',
                meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape',
                           'scale_factor'))
        ]))
test_dataloader = val_dataloader
val_evaluator = dict(type='VOCMetric', metric='mAP', eval_mode='area')
test_evaluator = val_evaluator
transfer = dict(
    metric='pascal_voc/mAP',
    scale=100.0,
    needs=[
        f'det/bccd/{name}'
        for name in ('JPEGImages', 'Annotations',
                     'ImageSets/Main/trainval.txt', 'ImageSets/Main/test.txt')
    ],
    source='https://github.com/Shenggan/BCCD_Dataset',
    layout='det/bccd with JPEGImages, Annotations and '
    'ImageSets/Main/{trainval,test}.txt')
del _dataset, _read, _resize
