"""A small FPN depth head of ours on NYU-Depth V2, for mmseg.

Aims at Table 4, delta_1 in %: X-Learner++ with ResNet-50 89.0, X-Learner with
ResNet-152 91.3. The paper names neither head nor schedule. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    XLEARNER_CKPT=FILE bash tools/dist_train.sh configs/downstream/depth/\
fpn-depth_r50_xlearner-pre_2xb8-38k_nyu-416x544.py 2
"""
_base_ = [
    '../_base_/fpn_depth.py', '../_base_/depth_nyu.py',
    '../_base_/mmseg_runtime.py'
]
train_cfg = dict(
    type='IterBasedTrainLoop',
    max_iters=38000,  # ours: 25 epochs, half of what BTS takes
    val_interval=38000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-4, weight_decay=1e-2))  # ours: BTS's
param_scheduler = [dict(type='PolyLR', power=0.9, by_epoch=False)]
auto_scale_lr = dict(enable=False, base_batch_size=16)
transfer = dict(lr=dict(SGD=(0.001, 0.07), AdamW=(1e-5, 1e-3)))  # ours
