"""COCO-Stuff 164k, 118,287 / 5,000 images, 171 classes in index PNGs.

The `_labelTrainIds.png` of mmseg's converter.
"""
_root = '{{$XLEARNER_DATA:data}}/coco_stuff164k/'
_size = (512, 512)  # ours: as mmseg; one size makes one batch
_read = [dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')]
_augment = [
    dict(
        type='RandomResize',
        scale=(2048, 512),
        ratio_range=(0.5, 2.0),
        keep_ratio=True),
    dict(type='RandomCrop', crop_size=_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion')
]
_fit = [dict(type='Resize', scale=(2048, 512), keep_ratio=True)]
_pack = [dict(type='PackSegInputs')]

coco_stuff = dict(
    name='coco_stuff',
    task='seg',
    scope='mmseg',
    batch_size=2,  # ours: 16 on 8 GPUs, as mmseg
    train=dict(
        type='COCOStuffDataset',
        data_root=_root,
        data_prefix=dict(
            img_path='images/train2017', seg_map_path='annotations/train2017'),
        pipeline=_read + _augment + _pack),
    val=dict(
        type='COCOStuffDataset',
        data_root=_root,
        data_prefix=dict(
            img_path='images/val2017', seg_map_path='annotations/val2017'),
        test_mode=True,
        pipeline=_read[:1] + _fit + _read[1:] + _pack),
    evaluator=dict(type='IoUMetric', iou_metrics=['mIoU']),
    key_metric='mIoU',
    model=dict(
        type='EncoderDecoder',
        data_preprocessor=dict(
            type='SegDataPreProcessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
            size=_size,
            seg_pad_val=255,
            test_cfg=dict(size_divisor=32)),
        neck=dict(
            type='FPN',  # ours: no dilation, so the backbone is every task's
            in_channels=[256, 512, 1024, 2048],
            out_channels=256,
            num_outs=4),
        decode_head=dict(
            type='FPNHead',  # ours: the paper does not say; as mmseg's fpn_r50
            in_channels=[256, 256, 256, 256],
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=128,
            dropout_ratio=0.1,
            num_classes=171,
            norm_cfg=dict(type='BN')),
        test_cfg=dict(mode='whole')))
del _root, _size, _read, _augment, _fit, _pack
