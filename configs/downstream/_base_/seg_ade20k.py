"""ADE20K of the 2016 scene parsing challenge: 20,210 / 2,000 images."""
_dataset = dict(
    type='ADE20KDataset',
    data_root='{{$XLEARNER_DATA:data}}/ade/ADEChallengeData2016')
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True)
]
_augment = [
    dict(
        type='RandomResize',
        scale=(2048, 512),
        ratio_range=(0.5, 2.0),
        keep_ratio=True),
    dict(type='RandomCrop', crop_size=(512, 512), cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion')
]
_pack = [dict(type='PackSegInputs')]

train_dataloader = dict(
    batch_size=4,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/training', seg_map_path='annotations/training'),
        pipeline=_read + _augment + _pack))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/validation',
            seg_map_path='annotations/validation'),
        test_mode=True,
        # The labels keep their size.
        pipeline=_read[:1] +
        [dict(type='Resize', scale=(2048, 512), keep_ratio=True)] + _read[1:] +
        _pack))
test_dataloader = val_dataloader
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
transfer = dict(
    metric='mIoU',
    scale=1.0,
    needs=[
        f'ade/ADEChallengeData2016/{part}/{split}'
        for part in ('images', 'annotations')
        for split in ('training', 'validation')
    ],
    source='http://sceneparsing.csail.mit.edu/ (ADEChallengeData2016.zip)',
    layout='ade/ADEChallengeData2016 with images and annotations, each with '
    'training and validation')
del _dataset, _read, _augment, _pack
