"""Mask R-CNN R50-FPN on COCO 2017, mmdet's 1x schedule, for mmdet.

The paper has no such number. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh configs/downstream/detection/\
mask-rcnn_r50-fpn_xlearner-pre_8xb2-1x_coco.py 8
"""
_base_ = [
    '../_base_/backbone.py', 'mmdet::_base_/models/mask-rcnn_r50_fpn.py',
    'mmdet::_base_/schedules/schedule_1x.py', '../_base_/det_coco_masks.py',
    '../_base_/mmdet_runtime.py'
]
model = dict(
    backbone=dict(
        _base_.resnet,
        _delete_=True,
        frozen_stages=1,  # mmdet's, with the batch norms
        norm_eval=True),
    neck=dict(in_channels=_base_.channels))
train_cfg = dict(val_interval=12)
optim_wrapper = dict(optimizer=dict(lr=0.02))  # mmdet's
transfer = dict(lr=dict(SGD=(0.001, 0.05), AdamW=(1e-5, 1e-3)))  # ours
