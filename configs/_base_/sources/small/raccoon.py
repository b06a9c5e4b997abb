"""Raccoons, 160 / 40 photographs with boxes, Pascal VOC XML."""
_root = '{{$XLEARNER_DATA:data}}/det/raccoon/'
_size = (192, 192)  # ours: for the CPU; one size makes one batch
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True)
]
_fit = [
    dict(type='Resize', scale=_size, keep_ratio=True),
    dict(type='Pad', size=_size, pad_val=dict(img=114))  # ours: mid-grey
]
_augment = [dict(type='RandomFlip', prob=0.5)]
_keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')
_norm = dict(type='GN', num_groups=8)  # ours: no pre-trained weights
_proposals = dict(
    nms_pre=500,  # ours: for the CPU, 2000 in mmdet
    max_per_img=200,  # ours: for the CPU, 1000 in mmdet
    nms=dict(type='nms', iou_threshold=0.7),
    min_bbox_size=0)

raccoon = dict(
    name='raccoon',
    task='det',
    scope='mmdet',
    batch_size=4,  # ours: for two CPU cores
    val_batch_size=4,
    train=dict(
        type='VOCDataset',
        data_root=_root,
        ann_file='ImageSets/Main/trainval.txt',
        data_prefix=dict(sub_data_root=''),
        metainfo=dict(classes=('raccoon', ), palette=[(106, 0, 228)]),
        pipeline=_read + _fit + _augment + [dict(type='PackDetInputs')]),
    val=dict(
        type='VOCDataset',
        data_root=_root,
        ann_file='ImageSets/Main/test.txt',
        data_prefix=dict(sub_data_root=''),
        metainfo=dict(classes=('raccoon', ), palette=[(106, 0, 228)]),
        test_mode=True,
        pipeline=_read[:1] + _fit + _read[1:] +
        [dict(type='PackDetInputs', meta_keys=_keys)]),
    evaluator=dict(type='VOCMetric', metric='mAP', eval_mode='area'),
    key_metric='AP50',
    key_metric_scale=100.0,
    model=dict(
        type='FasterRCNN',  # paper: Sec. 4.1
        data_preprocessor=dict(
            type='DetDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
            pad_size_divisor=32),
        neck=dict(
            type='FPN',
            in_channels=[32, 64, 128, 256],
            out_channels=64,  # ours: for the CPU, 256 in mmdet
            norm_cfg=_norm,
            num_outs=5),
        rpn_head=dict(
            type='RPNHead',
            in_channels=64,
            feat_channels=64,
            anchor_generator=dict(
                type='AnchorGenerator',
                scales=[4],  # ours: 8 in mmdet, for images four times larger
                ratios=[0.5, 1.0, 2.0],
                strides=[4, 8, 16, 32, 64])),
        roi_head=dict(
            type='StandardRoIHead',
            bbox_roi_extractor=dict(
                type='SingleRoIExtractor',
                roi_layer=dict(
                    type='RoIAlign', output_size=7, sampling_ratio=0),
                out_channels=64,
                finest_scale=28,  # ours: 56 in mmdet, as the anchors
                featmap_strides=[4, 8, 16, 32]),
            bbox_head=dict(
                type='Shared2FCBBoxHead',
                in_channels=64,
                fc_out_channels=256,  # ours: for the CPU, 1024 in mmdet
                roi_feat_size=7,
                num_classes=1)),
        train_cfg=dict(
            rpn=dict(
                assigner=dict(
                    type='MaxIoUAssigner',
                    pos_iou_thr=0.7,
                    neg_iou_thr=0.3,
                    min_pos_iou=0.3,
                    match_low_quality=True,
                    ignore_iof_thr=-1),
                sampler=dict(
                    type='RandomSampler',
                    num=256,
                    pos_fraction=0.5,
                    neg_pos_ub=-1,
                    add_gt_as_proposals=False),
                allowed_border=-1,
                pos_weight=-1),
            rpn_proposal=_proposals,
            rcnn=dict(
                assigner=dict(
                    type='MaxIoUAssigner',
                    pos_iou_thr=0.5,
                    neg_iou_thr=0.5,
                    min_pos_iou=0.5,
                    match_low_quality=False,
                    ignore_iof_thr=-1),
                sampler=dict(
                    type='RandomSampler',
                    num=64,  # ours: for the CPU, 512 in mmdet
                    pos_fraction=0.25,
                    neg_pos_ub=-1,
                    add_gt_as_proposals=True),
                pos_weight=-1)),
        test_cfg=dict(
            rpn=_proposals,
            rcnn=dict(
                score_thr=0.01,  # ours: scores are low from scratch
                nms=dict(type='nms', iou_threshold=0.5),
                max_per_img=100))))
del _root, _size, _read, _fit, _augment, _keys, _norm, _proposals
