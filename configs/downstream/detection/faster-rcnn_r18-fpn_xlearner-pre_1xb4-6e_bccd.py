"""Faster R-CNN with FPN on blood cells (BCCD, 292 / 72 images), for mmdet.

For small networks on a CPU; the paper has no such number. From a random
ResNet-18 of width 16, one seed: AP50 87.7 % in 3.7 minutes on one thread; of
width 32, pre-trained and not: docs/en/results_small.md.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py configs/downstream/detection/\
faster-rcnn_r18-fpn_xlearner-pre_1xb4-6e_bccd.py \
        --cfg-options checkpoint=FILE depth=18 width=32
"""
_base_ = [
    '../_base_/backbone.py', 'mmdet::_base_/models/faster-rcnn_r50_fpn.py',
    'mmdet::_base_/schedules/schedule_1x.py', '../_base_/det_bccd.py',
    '../_base_/mmdet_runtime.py'
]
# ours: all that follows, for images of 320 x 240, six epochs and the CPU
model = dict(
    backbone=dict(
        _base_.resnet, _delete_=True, frozen_stages=-1, norm_eval=False),
    neck=dict(in_channels=_base_.channels, out_channels=64),
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
auto_scale_lr = dict(base_batch_size=4)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=50),
    dict(type='MultiStepLR', milestones=[4, 5], gamma=0.1)
]
transfer = dict(lr=dict(SGD=(0.001, 0.05), AdamW=(1e-5, 1e-3)))
