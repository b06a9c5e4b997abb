"""CompCars, 431 models of cars.

The paper has 120k images (Table 1) and no list. Ours: the official list,
16,016 / 14,939 images; set ann_file to one of your own in its form.
"""
_root = '{{$XLEARNER_DATA:data}}/compcars/'
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

compcars = dict(
    name='compcars',
    task='cls',
    scope='mmpretrain',
    batch_size=6,  # ours: 512 of the task on 8 GPUs, with the other four
    val_batch_size=64,
    train=dict(
        type='xlearner_mm.CompCars',
        data_root=_root,
        ann_file='train_test_split/classification/train.txt',
        data_prefix='image',
        pipeline=_train),
    val=dict(
        type='xlearner_mm.CompCars',
        data_root=_root,
        ann_file='train_test_split/classification/test.txt',
        class_list='train_test_split/classification/train.txt',
        data_prefix='image',
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
            num_classes=431,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss'))))
del _root, _train, _val
