"""NYU-Depth V2 as mmseg reads it: about 24,000 / 654 images of 640 x 480.

Labels are 16-bit PNGs in millimetres, 0 where unknown. The metric is taken
inside the crop of Eigen et al., which is fixed in pixels.
"""
_dataset = dict(type='NYUDataset', data_root='{{$XLEARNER_DATA:data}}/nyu')
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3)
]
_augment = [
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=(416, 544)),  # ours: as BTS has it
    dict(type='PhotoMetricDistortion')
]
_pack = [dict(type='PackSegInputs')]

train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/train', depth_map_path='annotations/train'),
        pipeline=_read + _augment + _pack))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset,
        data_prefix=dict(
            img_path='images/test', depth_map_path='annotations/test'),
        test_mode=True,
        pipeline=_read + _pack))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='DepthMetric',
    min_depth_eval=0.001,
    max_depth_eval=10.0,
    crop_type='nyu_crop')
test_evaluator = val_evaluator
transfer = dict(
    metric='d1',  # delta_1, a fraction of pixels
    scale=100.0,
    needs=[
        f'nyu/{part}/{split}' for part in ('images', 'annotations')
        for split in ('train', 'test')
    ],
    source='https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html, in the '
    'form that mmsegmentation describes for NYU',
    layout='nyu with images/{train,test}/*.jpg and '
    'annotations/{train,test}/*.png, 16-bit and in millimetres')
del _dataset, _read, _augment, _pack
