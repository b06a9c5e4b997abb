"""Photographs of clothes, 3,068 / 341 images in folders of 10 classes."""
_root = '{{$XLEARNER_DATA:data}}/cls/clothing/'
_size = 64  # ours: as CIFAR-10, so that the task's sources make one batch
_train = [
    dict(type='LoadImageFromFile'),
    dict(type='RandomResizedCrop', scale=_size,
         crop_ratio_range=(0.4, 1.0)),  # ours: clothes fill the picture
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs')
]
_val = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeEdge', scale=72),
    dict(type='CenterCrop', crop_size=_size),
    dict(type='PackInputs')
]

clothing = dict(
    name='clothing',
    task='cls',
    scope='mmpretrain',
    batch_size=24,  # ours: for two CPU cores
    val_batch_size=31,
    train=dict(
        type='CustomDataset', data_root=_root + 'train', pipeline=_train),
    val=dict(
        type='CustomDataset',
        data_root=_root + 'val',
        test_mode=True,
        pipeline=_val),
    evaluator=dict(type='Accuracy', topk=(1, )),
    key_metric='top1',
    model=dict(
        type='ImageClassifier',
        data_preprocessor=dict(
            type='ClsDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            to_rgb=True),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(
            type='LinearClsHead',
            num_classes=10,
            in_channels=256,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _size, _train, _val
