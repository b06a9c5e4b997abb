"""Fine-tuning on CIFAR-100, for mmpretrain.

Aims at Table 4, top-1 in %: ResNet-50 X-Learner++ 87.0; ResNet-152 X-Learner
89.7, MuST 86.3. The paper names no schedule. Not trained.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py configs/downstream/classification/\
resnet50_xlearner-pre_1xb64-20k_cifar100.py --cfg-options checkpoint=FILE
"""
_base_ = [
    '../_base_/backbone.py', '../_base_/cls_cifar100.py',
    '../_base_/mmpretrain_runtime.py'
]
model = dict(
    type='ImageClassifier',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=False),  # CIFAR's arrays are RGB
    backbone=dict(_base_.resnet, out_indices=(3, )),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='LinearClsHead',
        num_classes=100,
        in_channels=_base_.channels[3],
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0)))
train_cfg = dict(
    type='IterBasedTrainLoop',
    max_iters=20000,  # ours: 25.6 epochs
    val_interval=20000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=0.01,  # ours: tools/lr_search.py finds a checkpoint's own
        momentum=0.9,  # ours, with the decay: as for VOC in Sec. 4.2
        weight_decay=1e-4))
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=False)]  # ours
auto_scale_lr = dict(enable=False, base_batch_size=64)
transfer = dict(lr=dict(SGD=(0.001, 0.1), AdamW=(1e-5, 1e-3)))  # ours
