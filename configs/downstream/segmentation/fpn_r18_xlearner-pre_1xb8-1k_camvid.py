"""Semantic FPN on street scenes (CamVid, 367 / 101 images), for mmseg.

For small networks on a CPU; the paper has no such number. From a random
ResNet-18 of width 16, one seed: mIoU 36.2 % in 2.5 minutes on one thread (all
one class: 2.7 %).
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py configs/downstream/segmentation/\
fpn_r18_xlearner-pre_1xb8-1k_camvid.py \
        --cfg-options checkpoint=FILE depth=18 width=16
"""
_base_ = ['../_base_/seg_camvid.py', '../_base_/mmseg_runtime.py']
# ours: all that follows
train_cfg = dict(type='IterBasedTrainLoop', max_iters=1000, val_interval=1000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.03, momentum=0.9, weight_decay=1e-4))
param_scheduler = [dict(type='PolyLR', power=0.9, by_epoch=False)]
default_hooks = dict(checkpoint=dict(interval=500))
transfer = dict(lr=dict(SGD=(0.001, 0.1), AdamW=(1e-5, 3e-3)))
