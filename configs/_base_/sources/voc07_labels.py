"""Pascal VOC 2007 as multi-label classification, 5,011 / 4,952 images.

20 classes, any number of which are in a picture; from the boxes' XML.
"""
_root = '{{$XLEARNER_DATA:data}}/VOCdevkit/VOC2007'
_size = 224  # ours: as the other sources of `cls`, so that they make one batch
_train = [
    dict(type='LoadImageFromFile'),
    # ours: a crop must not lose most objects, which stay in the labels
    dict(type='RandomResizedCrop', scale=_size, crop_ratio_range=(0.5, 1.0)),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs')
]
_val = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(_size, _size)),  # ours: the whole picture
    dict(type='PackInputs',
         meta_keys=('img_path', 'gt_label_difficult'))  # left out of the mAP
]

voc07_labels = dict(
    name='voc07_labels',
    task='cls',
    scope='mmpretrain',
    batch_size=16,  # ours: 128 on 8 GPUs
    val_batch_size=32,
    train=dict(type='VOC', data_root=_root, split='trainval', pipeline=_train),
    val=dict(
        type='VOC',
        data_root=_root,
        split='test',
        test_mode=True,
        pipeline=_val),
    evaluator=[
        dict(type='VOCAveragePrecision'),
        dict(type='VOCMultiLabelMetric')
    ],
    key_metric='mAP',  # in percent
    model=dict(
        type='ImageClassifier',
        data_preprocessor=dict(
            type='ClsDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            to_rgb=True),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(
            type='MultiLabelLinearClsHead',
            num_classes=20,
            in_channels=2048,
            loss=dict(type='CrossEntropyLoss', use_sigmoid=True))))
del _root, _size, _train, _val
