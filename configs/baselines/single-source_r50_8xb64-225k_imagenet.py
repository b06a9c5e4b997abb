"""Supervised pre-training on ImageNet alone.

Aims at AVG Cls 74.4, PASCAL Det 81.5, PASCAL Seg 75.7 (Table 2).
Not trained.

    bash tools/dist_train.sh \
        configs/baselines/single-source_r50_8xb64-225k_imagenet.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/r50.py', '../_base_/sources/imagenet.py'
]
sources = [dict(_base_.imagenet, batch_size=64)]  # ours: 512 on 8 GPUs
model = dict(type='HardSharingModel', backbone=_base_.resnet, sources=sources)
train_dataloader = dict(sources=sources, num_workers=8)
train_cfg = dict(
    type='MultiSourceTrainLoop',
    max_iters=225000,  # ours: 90 epochs
    val_interval=25000)
val_dataloader = dict(sources=sources, num_workers=4)
val_evaluator = dict(sources=sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=sources, num_workers=4)
test_evaluator = dict(sources=sources)
test_cfg = dict(type='MultiSourceTestLoop')
