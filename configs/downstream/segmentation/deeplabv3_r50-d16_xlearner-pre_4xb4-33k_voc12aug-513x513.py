"""DeepLabv3 of output stride 16 on Pascal VOC 2012 `train_aug`, for mmseg.

Aims at Table 2, ResNet-50, mIoU on val: X-Learner 77.1, X-Learner++ 77.5,
ImageNet supervised 75.7. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh \
        configs/downstream/segmentation/\
deeplabv3_r50-d16_xlearner-pre_4xb4-33k_voc12aug-513x513.py 4
"""
_base_ = [
    '../_base_/deeplabv3.py', '../_base_/seg_voc12aug.py',
    '../_base_/mmseg_runtime.py'
]
train_cfg = dict(
    type='IterBasedTrainLoop',
    max_iters=33000,  # paper: Sec. 4.2; 50 epochs
    val_interval=33000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=0.01,  # ours: inside the paper's range; tools/lr_search.py
        momentum=0.9,  # paper: Sec. 4.2
        weight_decay=1e-4))  # paper: Sec. 4.2
param_scheduler = [dict(type='PolyLR', power=0.9, by_epoch=False)]
auto_scale_lr = dict(enable=False, base_batch_size=16)  # paper: Sec. 4.2
transfer = dict(
    lr=dict(
        SGD=(0.001, 0.07),  # paper: Sec. 4.2
        AdamW=(1e-5, 1e-3)))  # ours
