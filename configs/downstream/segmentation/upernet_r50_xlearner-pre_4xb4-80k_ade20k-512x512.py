"""UPerNet on ADE20K, with mmseg's schedule; for mmseg.

The paper has no such number. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh \
        configs/downstream/segmentation/\
upernet_r50_xlearner-pre_4xb4-80k_ade20k-512x512.py 4
"""
_base_ = [
    '../_base_/upernet.py', '../_base_/seg_ade20k.py',
    '../_base_/mmseg_runtime.py'
]
# ours: all numbers are those of mmseg's UPerNet
train_cfg = dict(
    type='IterBasedTrainLoop', max_iters=80000, val_interval=80000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=5e-4))
param_scheduler = [dict(type='PolyLR', power=0.9, eta_min=0, by_epoch=False)]
auto_scale_lr = dict(enable=False, base_batch_size=16)
transfer = dict(lr=dict(SGD=(0.001, 0.07), AdamW=(1e-5, 1e-3)))  # ours
