"""DeepLabv3 of output stride 8 on Pascal VOC 2012 `train_aug`, for mmseg.

Aims at Table 4, mIoU on val: X-Learner++ with ResNet-50 78.8, X-Learner with
ResNet-152 82.6. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh \
        configs/downstream/segmentation/\
deeplabv3_r50-d8_xlearner-pre_4xb4-33k_voc12aug-513x513.py 4
"""
_base_ = './deeplabv3_r50-d16_xlearner-pre_4xb4-33k_voc12aug-513x513.py'
model = dict(
    backbone=dict(  # paper: Sec. 4.3, "output stride to 8"
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4)),
    decode_head=dict(dilations=(1, 12, 24, 36)))  # doubled, Chen et al.
