"""Faster R-CNN R50-FPN on Pascal VOC 07+12, for mmdet.

Aims at Table 4, AP50 on VOC 2007 test: ResNet-50 X-Learner++ 87.3, with the
pre-trained FPN: XLEARNER_NECK=FILE, or --cfg-options neck=FILE, names the
detection task's of the expansion stage, for a squeezed student has none. Not
trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE XLEARNER_NECK=FILE bash tools/dist_train.sh \
        configs/downstream/detection/\
faster-rcnn_r50-fpn_xlearner-pre_8xb2-24k_voc0712.py 8
"""
_base_ = [
    '../_base_/pretrained_neck.py',
    'mmdet::_base_/models/faster-rcnn_r50_fpn.py', '../_base_/det_voc0712.py',
    '../_base_/det_24k.py'
]
model = dict(
    # ours: all layers and batch norms train, as in MoCo's C4
    backbone=dict(
        _base_.resnet, _delete_=True, frozen_stages=-1, norm_eval=False),
    neck=dict(in_channels=_base_.channels, init_cfg=_base_.neck_init),
    roi_head=dict(bbox_head=dict(num_classes=20)))
transfer = dict(
    lr=dict(
        SGD=(0.001, 0.05),  # paper: Sec. 4.2, for the C4 detector
        AdamW=(1e-5, 1e-3)))  # ours
