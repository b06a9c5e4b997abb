r"""SimCLR on the images of the demo's base setting, no labels (Table 2).

mmpretrain's model, data and loop as they are. As many images as the other
methods see, each as two views. An interrupted run goes on, with other crops.

The paper, on ImageNet: 74.6 (AVG Cls), 82.9 (PASCAL Det), Table 2.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/simclr_r18_demo-cls2-det2.py
"""
_base_ = [
    './_base_/runtime.py', './_base_/student.py', './_base_/simclr_views.py'
]
default_scope = 'mmpretrain'
custom_hooks = []
model = dict(
    type='SimCLR',
    backbone=dict(_base_.resnet, out_indices=(3, )),
    neck=dict(
        type='NonLinearNeck',
        in_channels=128,
        hid_channels=128,
        out_channels=64,  # ours
        norm_cfg=dict(type='BN1d')),
    head=dict(
        type='ContrastiveHead',
        loss=dict(type='CrossEntropyLoss'),
        temperature=0.1))
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=4e-3, weight_decay=0.05))  # as the others
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False)
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=480)  # 76,800 images
