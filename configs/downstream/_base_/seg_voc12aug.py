"""Pascal VOC 2012 `train_aug`: 1,464 + 9,118 images, and 1,449 of `val`.

`aug.txt` and SegmentationClassAug hold the labels of SBD, as mmseg's
tools/dataset_converters/voc_aug.py writes them.
"""
_dataset = dict(
    type='PascalVOCDataset',
    data_root='{{$XLEARNER_DATA:data}}/VOCdevkit/VOC2012')
_masks = dict(img_path='JPEGImages', seg_map_path='SegmentationClass')
_train = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(  # MoCo: the picture's size x 0.5 to 2.0; Chen et al.: in quarters
        type='RandomChoice',
        transforms=[[dict(type='Resize', scale_factor=i / 4, keep_ratio=True)]
                    for i in range(2, 9)]),
    dict(type='RandomCrop', crop_size=(513, 513)),  # paper: Sec. 4.2
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs')
]

train_dataloader = dict(
    batch_size=4,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        type='ConcatDataset',
        datasets=[
            dict(
                _dataset,
                data_prefix=_masks,
                ann_file='ImageSets/Segmentation/train.txt',
                pipeline=_train),
            dict(
                _dataset,
                data_prefix=dict(_masks, seg_map_path='SegmentationClassAug'),
                ann_file='ImageSets/Segmentation/aug.txt',
                pipeline=_train)
        ]))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset,
        data_prefix=_masks,
        ann_file='ImageSets/Segmentation/val.txt',
        test_mode=True,
        pipeline=_train[:2] + _train[-1:]))  # MoCo: at the original size
test_dataloader = val_dataloader
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
transfer = dict(
    metric='mIoU',
    scale=1.0,
    needs=[
        f'VOCdevkit/VOC2012/{name}'
        for name in ('JPEGImages', 'SegmentationClass', 'SegmentationClassAug',
                     'ImageSets/Segmentation/train.txt',
                     'ImageSets/Segmentation/aug.txt',
                     'ImageSets/Segmentation/val.txt')
    ],
    source='http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ and, for '
    'SegmentationClassAug, SBD with tools/dataset_converters/voc_aug.py of '
    'mmsegmentation',
    layout='VOCdevkit/VOC2012 with JPEGImages, SegmentationClass, '
    'SegmentationClassAug and ImageSets/Segmentation/{train,aug,val}.txt')
del _dataset, _masks, _train
