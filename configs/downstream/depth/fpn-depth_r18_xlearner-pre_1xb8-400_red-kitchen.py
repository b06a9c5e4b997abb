"""A small FPN depth head of ours on one filmed kitchen (7-Scenes); for mmseg.

For small networks on a CPU; the paper has no such number. From a random
ResNet-18 of width 16, one seed: delta_1 85.2 % in 2.3 minutes on one thread
(the training images' median depth everywhere: 29.3 %, pixel by pixel: 58.2 %).
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py configs/downstream/depth/\
fpn-depth_r18_xlearner-pre_1xb8-400_red-kitchen.py \
        --cfg-options checkpoint=FILE depth=18 width=16
"""
_base_ = [
    '../_base_/fpn_depth.py', '../_base_/depth_red_kitchen.py',
    '../_base_/mmseg_runtime.py'
]
# ours: all that follows
model = dict(
    data_preprocessor=dict(size=(192, 256)),
    neck=dict(out_channels=64),
    decode_head=dict(in_channels=[64, 64, 64, 64], channels=64))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=400, val_interval=400)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=1e-2))
param_scheduler = [dict(type='PolyLR', power=0.9, by_epoch=False)]
default_hooks = dict(checkpoint=dict(interval=200))
transfer = dict(lr=dict(SGD=(0.001, 0.1), AdamW=(1e-5, 3e-3)))
