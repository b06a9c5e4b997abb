"""A kitchen filmed with depth (7-Scenes), 70 / 24 images of 320 x 240.

Labels are 16-bit PNGs in millimetres, 0 where unknown.
"""
_dataset = dict(
    type='NYUDataset', data_root='{{$XLEARNER_DATA:data}}/depth/red_kitchen')
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3)
]
_augment = [
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=(192, 256)),  # ours: for the CPU
    dict(type='PhotoMetricDistortion')
]
_pack = [dict(type='PackSegInputs')]

train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/train', depth_map_path='annotations/train'),
        pipeline=_read + _augment + _pack))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/val', depth_map_path='annotations/val'),
        test_mode=True,
        pipeline=_read + _pack))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='DepthMetric', min_depth_eval=0.001, max_depth_eval=10.0)
test_evaluator = val_evaluator
transfer = dict(
    metric='d1',  # delta_1, a fraction of pixels
    scale=100.0,
    needs=[
        f'depth/red_kitchen/{part}/{split}'
        for part in ('images', 'annotations') for split in ('train', 'val')
    ],
    source='https://www.microsoft.com/en-us/research/project/'
    'rgb-d-dataset-7-scenes/ (RedKitchen)',
    layout='depth/red_kitchen with images/{train,val}/*.jpg and '
    'annotations/{train,val}/*.png, 16-bit and in millimetres')
del _dataset, _read, _augment, _pack
