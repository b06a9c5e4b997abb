"""COCO 2017 with its masks: Mask R-CNN, for boxes and instances.

118,287 / 5,000 images, 80 classes, polygons in COCO JSON. A task of its own;
with `task='det'`, a source of detection like the others.
"""
_root = '{{$XLEARNER_DATA:data}}/coco/'
_size = (1333, 800)  # ours: as mmdet
_read = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True, with_mask=True)
]
_fit = [dict(type='Resize', scale=_size, keep_ratio=True)]
_augment = [dict(type='RandomFlip', prob=0.5)]
_keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')
_proposals = dict(
    max_per_img=1000, nms=dict(type='nms', iou_threshold=0.7), min_bbox_size=0)

coco_instances = dict(
    name='coco_instances',
    task='inst',
    scope='mmdet',
    batch_size=2,  # ours: 16 on 8 GPUs, as mmdet
    val_batch_size=1,
    train=dict(
        type='CocoDataset',
        data_root=_root,
        ann_file='annotations/instances_train2017.json',
        data_prefix=dict(img='train2017/'),
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        pipeline=_read + _fit + _augment + [dict(type='PackDetInputs')]),
    val=dict(
        type='CocoDataset',
        data_root=_root,
        ann_file='annotations/instances_val2017.json',
        data_prefix=dict(img='val2017/'),
        test_mode=True,
        pipeline=_read[:1] + _fit + _read[1:] +
        [dict(type='PackDetInputs', meta_keys=_keys)]),
    evaluator=dict(
        type='CocoMetric',
        ann_file=_root + 'annotations/instances_val2017.json',
        metric=['bbox', 'segm']),
    key_metric='segm_mAP',
    key_metric_scale=100.0,
    model=dict(
        type='MaskRCNN',  # ours: the paper has no such task
        data_preprocessor=dict(
            type='DetDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
            pad_mask=True,
            pad_size_divisor=32),
        neck=dict(
            type='FPN',
            in_channels=[256, 512, 1024, 2048],
            out_channels=256,
            num_outs=5),
        rpn_head=dict(
            type='RPNHead',
            in_channels=256,
            feat_channels=256,
            anchor_generator=dict(
                type='AnchorGenerator',
                scales=[8],
                ratios=[0.5, 1.0, 2.0],
                strides=[4, 8, 16, 32, 64])),
        roi_head=dict(
            type='StandardRoIHead',
            bbox_roi_extractor=dict(
                type='SingleRoIExtractor',
                roi_layer=dict(
                    type='RoIAlign', output_size=7, sampling_ratio=0),
                out_channels=256,
                featmap_strides=[4, 8, 16, 32]),
            bbox_head=dict(
                type='Shared2FCBBoxHead',
                in_channels=256,
                fc_out_channels=1024,
                roi_feat_size=7,
                num_classes=80),
            mask_roi_extractor=dict(
                type='SingleRoIExtractor',
                roi_layer=dict(
                    type='RoIAlign', output_size=14, sampling_ratio=0),
                out_channels=256,
                featmap_strides=[4, 8, 16, 32]),
            mask_head=dict(
                type='FCNMaskHead',
                num_convs=4,
                in_channels=256,
                conv_out_channels=256,
                num_classes=80)),
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
            rpn_proposal=dict(_proposals, nms_pre=2000),
            rcnn=dict(
                assigner=dict(
                    type='MaxIoUAssigner',
                    pos_iou_thr=0.5,
                    neg_iou_thr=0.5,
                    min_pos_iou=0.5,
                    match_low_quality=True,  # as mmdet's Mask R-CNN
                    ignore_iof_thr=-1),
                sampler=dict(
                    type='RandomSampler',
                    num=512,
                    pos_fraction=0.25,
                    neg_pos_ub=-1,
                    add_gt_as_proposals=True),
                mask_size=28,
                pos_weight=-1)),
        test_cfg=dict(
            rpn=dict(_proposals, nms_pre=1000),
            rcnn=dict(
                score_thr=0.05,
                nms=dict(type='nms', iou_threshold=0.5),
                max_per_img=100,
                mask_thr_binary=0.5))))
del _root, _size, _read, _fit, _augment, _keys, _proposals
