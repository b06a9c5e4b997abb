"""Places365-Challenge, 8,026,628 / 36,500 images, 365 scenes.

The official lists and the folders of train_256_places365challenge.tar and
val_256.tar, in one folder.
"""
_root = '{{$XLEARNER_DATA:data}}/places365/'
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

places365 = dict(
    name='places365',
    task='cls',
    scope='mmpretrain',
    batch_size=20,  # ours: 512 of the task on 8 GPUs, with the other two
    val_batch_size=64,
    train=dict(
        type='xlearner_mm.Places365',
        data_root=_root,
        ann_file='places365_train_challenge.txt',
        data_prefix='data_256',  # ours: images of 256 pixels
        pipeline=_train),
    val=dict(
        type='xlearner_mm.Places365',
        data_root=_root,
        ann_file='places365_val.txt',
        data_prefix='val_256',
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
            num_classes=365,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _train, _val
