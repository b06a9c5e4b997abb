"""mmdet's Faster R-CNN on blood cells (BCCD) from an exported backbone.

An mmdet config for mmdet's runner; of ours it takes the file in `init_cfg`.
Result: AP50 87.5 % (from scratch 87.4 %); see docs/en/results_small.md.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/faster-rcnn_r18-w32_xlearner-pre_1xb4-6e_bccd.py
"""
_base_ = [
    'mmdet::_base_/models/faster-rcnn_r50_fpn.py',
    'mmdet::_base_/schedules/schedule_1x.py',
    'mmdet::_base_/default_runtime.py', '../_base_/datasets/bccd.py'
]
model = dict(
    backbone=dict(
        depth=18,
        base_channels=32,  # as the exported backbone
        frozen_stages=-1,  # ours: another domain than the sources
        norm_eval=False,
        init_cfg=dict(checkpoint='work_dirs/r18-w32_xlearner_small.pth')),
    # ours: all that follows, for images of 320 x 240, six epochs and the CPU
    neck=dict(in_channels=[32, 64, 128, 256], out_channels=64),
    rpn_head=dict(
        in_channels=64, feat_channels=64, anchor_generator=dict(scales=[4])),
    roi_head=dict(
        bbox_roi_extractor=dict(out_channels=64),
        bbox_head=dict(in_channels=64, fc_out_channels=256, num_classes=3)),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=500, max_per_img=200),
        rcnn=dict(sampler=dict(num=128))),
    test_cfg=dict(rpn=dict(nms_pre=500, max_per_img=300)))
train_cfg = dict(max_epochs=6, val_interval=6)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=50),
    dict(type='MultiStepLR', milestones=[4, 5], gamma=0.1)
]
randomness = dict(seed=0)
