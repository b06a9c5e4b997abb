"""iNaturalist 2021, 2,686,843 / 100,000 images, 10,000 species.

train.json, val.json and the folders train and val, in one folder.
"""
_root = '{{$XLEARNER_DATA:data}}/inat2021/'
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

inat2021 = dict(
    name='inat2021',
    task='cls',
    scope='mmpretrain',
    batch_size=20,  # ours: 512 of the task on 8 GPUs, with the other two
    val_batch_size=64,
    train=dict(
        type='xlearner_mm.INat2021',
        data_root=_root,
        ann_file='train.json',
        pipeline=_train),
    val=dict(
        type='xlearner_mm.INat2021',
        data_root=_root,
        ann_file='val.json',
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
            num_classes=10000,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _train, _val
