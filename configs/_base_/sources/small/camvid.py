"""CamVid street scenes, 367 / 101 images, 11 classes in index PNGs."""
_root = '{{$XLEARNER_DATA:data}}/seg/camvid/'
_size = (128, 128)  # ours: for the CPU; one size makes one batch
_read = [dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')]
_augment = [
    dict(
        type='RandomResize',
        scale=(240, 180),
        ratio_range=(0.75, 1.5),  # ours: the picture is 240 x 180
        keep_ratio=True),
    dict(type='RandomCrop', crop_size=_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5)
]
_pack = [dict(type='PackSegInputs')]
_classes = ('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign',
            'fence', 'car', 'pedestrian', 'bicyclist')

camvid = dict(
    name='camvid',
    task='seg',
    scope='mmseg',
    batch_size=4,  # ours: for two CPU cores
    train=dict(
        type='BaseSegDataset',
        data_root=_root,
        img_suffix='.jpg',
        data_prefix=dict(
            img_path='img_dir/train', seg_map_path='ann_dir/train'),
        metainfo=dict(
            classes=_classes,
            palette=[[20 * i, 255 - 20 * i, 128] for i in range(11)]),
        pipeline=_read + _augment + _pack),
    val=dict(
        type='BaseSegDataset',
        data_root=_root,
        img_suffix='.jpg',
        data_prefix=dict(img_path='img_dir/val', seg_map_path='ann_dir/val'),
        metainfo=dict(
            classes=_classes,
            palette=[[20 * i, 255 - 20 * i, 128] for i in range(11)]),
        test_mode=True,
        pipeline=_read + _pack),
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
            type='FPN',
            in_channels=[32, 64, 128, 256],
            out_channels=64,  # ours: for the CPU
            num_outs=4),
        decode_head=dict(
            type='FPNHead',
            in_channels=[64, 64, 64, 64],
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=64,
            num_classes=11,
            norm_cfg=dict(type='BN')),
        test_cfg=dict(mode='whole')))
del _root, _size, _read, _augment, _pack, _classes
