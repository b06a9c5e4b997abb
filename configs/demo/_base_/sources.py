"""The five generated sources of the demo, for a ResNet-18 of width 16.

Batch sizes add up to 80 images an iteration, ours: for two CPU cores.
"""
_root = '{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/'
_pixels = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
_read = dict(type='LoadImageFromFile')
_flip = dict(type='RandomFlip', prob=0.5)

# Classification: 64 px, label = shape or material of the largest object.
_train_cls = [
    _read,
    dict(type='RandomResizedCrop', scale=64, crop_ratio_range=(0.6, 1.0)),
    _flip,
    dict(type='PackInputs')
]
_val_cls = [_read, dict(type='PackInputs')]
shapes, materials = [
    dict(
        name=_name,
        task='cls',
        scope='mmpretrain',
        batch_size=24,
        val_batch_size=50,
        train=dict(
            type='CustomDataset',
            data_root=f'{_root}{_name}/train',
            pipeline=_train_cls),
        val=dict(
            type='CustomDataset',
            data_root=f'{_root}{_name}/val',
            pipeline=_val_cls,
            test_mode=True),
        evaluator=dict(type='Accuracy', topk=(1, )),
        key_metric='top1',
        model=dict(
            type='ImageClassifier',
            data_preprocessor=dict(
                type='ClsDataPreprocessor', to_rgb=True, **_pixels),
            neck=dict(type='GlobalAveragePooling'),
            head=dict(
                type='LinearClsHead',
                num_classes=_num,
                in_channels=128,
                loss=dict(type='CrossEntropyLoss'))))
    for _name, _num in (('shapes', 8), ('materials', 7))
]

# Detection: about 96 px, padded to 96 x 96 or 128.
_train_det = [
    _read,
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', scale=(96, 96), keep_ratio=True), _flip,
    dict(type='PackDetInputs')
]
_val_det = [
    _read,
    dict(type='Resize', scale=(96, 96), keep_ratio=True),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(
        type='PackDetInputs',
        meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape',
                   'scale_factor'))
]
parts, fabric = [
    dict(
        name=_name,
        task='det',
        scope='mmdet',
        batch_size=8,
        val_batch_size=25,
        train=dict(
            type='CocoDataset',
            data_root=f'{_root}{_name}',
            ann_file='annotations/train.json',
            data_prefix=dict(img='train/'),
            metainfo=dict(classes=_classes),
            pipeline=_train_det),
        val=dict(
            type='CocoDataset',
            data_root=f'{_root}{_name}',
            ann_file='annotations/val.json',
            data_prefix=dict(img='val/'),
            metainfo=dict(classes=_classes),
            pipeline=_val_det,
            test_mode=True),
        evaluator=dict(
            type='CocoMetric',
            ann_file=f'{_root}{_name}/annotations/val.json',
            metric='bbox'),
        key_metric='bbox_mAP_50',
        key_metric_scale=100.0,
        model=dict(
            type='RetinaNet',
            data_preprocessor=dict(
                type='DetDataPreprocessor',
                bgr_to_rgb=True,
                pad_size_divisor=32,
                **_pixels),
            neck=dict(
                type='FPN',
                in_channels=[16, 32, 64, 128],
                out_channels=32,
                start_level=1,
                num_outs=3),
            bbox_head=dict(
                type='RetinaHead',
                num_classes=len(_classes),
                in_channels=32,
                feat_channels=32,
                stacked_convs=1,
                norm_cfg=dict(type='GN', num_groups=8),
                loss_cls=dict(type='FocalLoss', use_sigmoid=True),
                loss_bbox=dict(type='L1Loss'),
                anchor_generator=dict(
                    type='AnchorGenerator',
                    octave_base_scale=2,
                    scales_per_octave=2,
                    ratios=[1.0],
                    strides=[8, 16, 32])),
            train_cfg=dict(
                assigner=dict(
                    type='MaxIoUAssigner',
                    pos_iou_thr=0.5,
                    neg_iou_thr=0.4,
                    min_pos_iou=0),
                sampler=dict(type='PseudoSampler'),
                allowed_border=-1,
                pos_weight=-1),
            test_cfg=dict(
                nms_pre=200,
                min_bbox_size=0,
                score_thr=0.05,
                nms=dict(type='nms', iou_threshold=0.5),
                max_per_img=30)))
    for _name, _classes in (('parts', ('arrow', 'crescent', 'cross', 'ell',
                                       'square', 'star')),
                            ('fabric', ('checker', 'dots', 'flat', 'grain',
                                        'stripes')))
]

# Segmentation: 96 px, grounds and groups of shapes.
_seg = dict(
    type='BaseSegDataset',
    data_root=f'{_root}layout',
    img_suffix='.jpg',
    seg_map_suffix='.png',
    metainfo=dict(
        classes=('bands', 'blobs', 'clouds', 'slope', 'tiles', 'blocky',
                 'pointed', 'round')))
layout = dict(
    name='layout',
    task='seg',
    scope='mmseg',
    batch_size=16,
    val_batch_size=1,
    train=dict(
        _seg,
        data_prefix=dict(
            img_path='img_dir/train', seg_map_path='ann_dir/train'),
        pipeline=[
            _read,
            dict(type='LoadAnnotations'),
            dict(type='RandomCrop', crop_size=(96, 96)), _flip,
            dict(type='PackSegInputs')
        ]),
    val=dict(
        _seg,
        data_prefix=dict(img_path='img_dir/val', seg_map_path='ann_dir/val'),
        pipeline=[
            _read,
            dict(type='LoadAnnotations'),
            dict(type='PackSegInputs')
        ],
        test_mode=True),
    evaluator=dict(type='IoUMetric', iou_metrics=['mIoU']),
    key_metric='mIoU',
    model=dict(
        type='EncoderDecoder',
        data_preprocessor=dict(
            type='SegDataPreProcessor',
            bgr_to_rgb=True,
            size=(96, 96),
            seg_pad_val=255,
            **_pixels),
        neck=dict(
            type='FPN',
            in_channels=[16, 32, 64, 128],
            out_channels=32,
            num_outs=4),
        decode_head=dict(
            type='FPNHead',
            in_channels=[32, 32, 32, 32],
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=32,
            num_classes=8,
            dropout_ratio=0.0,
            norm_cfg=dict(type='BN')),
        train_cfg=dict(),
        test_cfg=dict(mode='whole')))
del (_root, _pixels, _read, _flip, _train_cls, _val_cls, _train_det, _val_det,
     _seg)
