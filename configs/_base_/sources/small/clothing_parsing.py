"""Clothing parsing, 500 / 100 images, 59 classes in index PNGs; 0: `null`."""
_root = '{{$XLEARNER_DATA:data}}/seg/clothing_parsing/'
_size = (128, 128)  # ours: for the CPU; one size makes one batch
_read = [dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')]
_augment = [
    dict(
        type='RandomResize',
        scale=(160, 240),
        ratio_range=(0.75, 1.5),  # ours: a picture is 160 x 240
        keep_ratio=True),
    dict(type='RandomCrop', crop_size=_size, cat_max_ratio=0.9),
    dict(type='RandomFlip', prob=0.5)
]
_pack = [dict(type='PackSegInputs')]
_classes = ('null', 'accessories', 'bag', 'belt', 'blazer', 'blouse',
            'bodysuit', 'boots', 'bra', 'bracelet', 'cape', 'cardigan',
            'clogs', 'coat', 'dress', 'earrings', 'flats', 'glasses', 'gloves',
            'hair', 'hat', 'heels', 'hoodie', 'intimate', 'jacket', 'jeans',
            'jumper', 'leggings', 'loafers', 'necklace', 'panties', 'pants',
            'pumps', 'purse', 'ring', 'romper', 'sandals', 'scarf', 'shirt',
            'shoes', 'shorts', 'skin', 'skirt', 'sneakers', 'socks',
            'stockings', 'suit', 'sunglasses', 'sweater', 'sweatshirt',
            'swimwear', 't-shirt', 'tie', 'tights', 'top', 'vest', 'wallet',
            'watch', 'wedges')

clothing_parsing = dict(
    name='clothing_parsing',
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
            palette=[[4 * i, 255 - 4 * i, 128] for i in range(59)]),
        pipeline=_read + _augment + _pack),
    val=dict(
        type='BaseSegDataset',
        data_root=_root,
        img_suffix='.jpg',
        data_prefix=dict(img_path='img_dir/val', seg_map_path='ann_dir/val'),
        metainfo=dict(
            classes=_classes,
            palette=[[4 * i, 255 - 4 * i, 128] for i in range(59)]),
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
            num_classes=59,
            norm_cfg=dict(type='BN')),
        test_cfg=dict(mode='whole')))
del _root, _size, _read, _augment, _pack, _classes
