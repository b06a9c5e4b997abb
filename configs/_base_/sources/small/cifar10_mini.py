"""CIFAR-10, 5,000 / 1,000 images of 32 x 32 pixels in class folders."""
_root = '{{$XLEARNER_DATA:data}}/cls/cifar10_mini/'
_size = 64  # ours: ResNet's stride of 32 leaves 2 x 2 positions
_load = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=_size, interpolation='bicubic')
]
_augment = [
    dict(type='RandomCrop', crop_size=_size, padding=8),
    dict(type='RandomFlip', prob=0.5)
]
_pack = [dict(type='PackInputs')]

cifar10_mini = dict(
    name='cifar10_mini',
    task='cls',
    scope='mmpretrain',
    batch_size=24,  # ours: for two CPU cores
    val_batch_size=50,
    train=dict(
        type='CustomDataset',
        data_root=_root + 'train',
        pipeline=_load + _augment + _pack),
    val=dict(
        type='CustomDataset',
        data_root=_root + 'val',
        test_mode=True,
        pipeline=_load + _pack),
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
del _root, _size, _load, _augment, _pack
