"""Tsinghua Dogs, 65,228 / 5,200 images, 130 breeds."""
_root = '{{$XLEARNER_DATA:data}}/tsinghua_dogs/'
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

tsinghua_dogs = dict(
    name='tsinghua_dogs',
    task='cls',
    scope='mmpretrain',
    batch_size=6,  # ours: 512 of the task on 8 GPUs, with the other four
    val_batch_size=64,
    train=dict(
        type='xlearner_mm.TsinghuaDogs',
        data_root=_root,
        ann_file='TrainAndValList/train.lst',
        data_prefix='low-resolution',
        pipeline=_train),
    val=dict(
        type='xlearner_mm.TsinghuaDogs',
        data_root=_root,
        ann_file='TrainAndValList/validation.lst',
        class_list='TrainAndValList/train.lst',
        data_prefix='low-resolution',
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
            num_classes=130,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _train, _val
