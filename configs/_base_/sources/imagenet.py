"""ImageNet-1k, 1,281,167 / 50,000 images, 1000 classes in folders."""
_root = '{{$XLEARNER_DATA:data}}/imagenet/'
_train = [
    dict(type='LoadImageFromFile'),
    dict(type='RandomResizedCrop', scale=224),  # ours: one size to merge
    dict(type='RandomFlip', prob=0.5),  # ours
    dict(type='PackInputs')
]
_val = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeEdge', scale=256, edge='short'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs')
]

imagenet = dict(
    name='imagenet',
    task='cls',
    scope='mmpretrain',
    batch_size=24,  # ours: 512 of the task on 8 GPUs, with the other two
    val_batch_size=64,
    train=dict(
        type='ImageNet', data_root=_root, split='train', pipeline=_train),
    val=dict(
        type='ImageNet',
        data_root=_root,
        split='val',
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
            num_classes=1000,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _train, _val
