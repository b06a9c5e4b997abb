"""SimCLR on ImageNet's images, without labels, on two machines.

Aims at AVG Cls 74.6, PASCAL Det 82.9, PASCAL Seg 74.1 (Table 2).
Not trained. mmpretrain's model and its recipe of 800 epochs; loops, data and
runner are upstream's too.

    NNODES=2 NODE_RANK=... MASTER_ADDR=... bash tools/dist_train.sh \
        configs/baselines/simclr_r50_16xb256-250k_imagenet.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/lars_simclr.py',
    '../_base_/models/r50.py', '../_base_/settings/simclr_imagenet.py'
]
default_scope = 'mmpretrain'
custom_hooks = []
model = dict(
    type='SimCLR',
    backbone=dict(_base_.resnet, out_indices=(3, ), zero_init_residual=True),
    neck=dict(
        type='NonLinearNeck',
        in_channels=2048,
        hid_channels=2048,
        out_channels=128,
        norm_cfg=dict(type='BN1d')),  # ours: sync_bn of the runtime converts
    head=dict(
        type='ContrastiveHead',
        loss=dict(type='CrossEntropyLoss'),
        temperature=0.1))
train_cfg = dict(
    type='IterBasedTrainLoop',
    max_iters=250000)  # ours: 800 epochs; the paper does not say
