"""Faster R-CNN R50-C4 on Pascal VOC 07+12, for mmdet; MoCo's recipe.

Aims at Table 2, ResNet-50, AP50 on VOC 2007 test: X-Learner 84.4, ImageNet
supervised 81.5. Not trained. For ResNets of width 64 and any depth.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh \
        configs/downstream/detection/\
faster-rcnn_r50-c4_xlearner-pre_8xb2-24k_voc0712.py 8
"""
_base_ = [
    '../_base_/faster_rcnn_c4.py', '../_base_/det_voc0712.py',
    '../_base_/det_24k.py'
]
model = dict(roi_head=dict(bbox_head=dict(num_classes=20)))
transfer = dict(
    lr=dict(
        SGD=(0.001, 0.05),  # paper: Sec. 4.2
        AdamW=(1e-5, 1e-3)))  # ours
