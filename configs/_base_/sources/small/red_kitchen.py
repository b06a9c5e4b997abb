"""A kitchen filmed with depth (7-Scenes), 70 / 24 images of 320 x 240.

Labels are 16-bit PNGs in millimetres, 0 where unknown.
"""
_root = '{{$XLEARNER_DATA:data}}/depth/red_kitchen'
_size = (192, 192)  # ours: for the CPU; rows, columns
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3)
]
_augment = [
    dict(type='RandomFlip', prob=0.5),
    # Not resized: the same thing would be as far away, and look smaller.
    dict(type='RandomCrop', crop_size=_size),
    dict(type='PhotoMetricDistortion')
]
_pack = [dict(type='PackSegInputs')]

red_kitchen = dict(
    name='red_kitchen',
    task='depth',
    scope='mmseg',
    batch_size=4,  # ours: for two CPU cores
    train=dict(
        type='NYUDataset',  # the layout; its classes, of scenes, go unread
        data_root=_root,
        data_prefix=dict(
            img_path='images/train', depth_map_path='annotations/train'),
        pipeline=_read + _augment + _pack),
    val=dict(
        type='NYUDataset',
        data_root=_root,
        data_prefix=dict(
            img_path='images/val', depth_map_path='annotations/val'),
        test_mode=True,
        pipeline=_read + _pack),
    evaluator=dict(
        type='DepthMetric', min_depth_eval=0.001, max_depth_eval=10.0),
    key_metric='d1',  # a fraction of pixels: of a key metric, more is better
    key_metric_scale=100.0,
    model=dict(
        type='DepthEstimator',
        data_preprocessor=dict(
            type='SegDataPreProcessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
            size=_size,
            pad_val=0,
            seg_pad_val=0),  # 0 m is unknown; mmseg's 255 would be a depth
        neck=dict(
            type='FPN',
            in_channels=[32, 64, 128, 256],
            out_channels=64,  # ours: for the CPU
            num_outs=4),
        decode_head=dict(
            # The whole path, so that nothing has to be imported before.
            type='xlearner_mm.models.decode_heads.FPNDepthHead',
            in_channels=[64, 64, 64, 64],
            channels=64,
            feature_strides=[4, 8, 16, 32],
            max_depth=10.0,
            norm_cfg=dict(type='BN'),
            # ours: with 1, SGD at the rate of these runs saturates the sigmoid
            loss_decode=dict(type='SiLogLoss', loss_weight=0.1)),
        test_cfg=dict(mode='whole')))
del _root, _size, _read, _augment, _pack
