"""MuST: a student of three teachers' labels, hard-sharing.

Aims at CIFAR-100 86.3, PASCAL Det 85.1, PASCAL Seg 80.6, NYU-Depth V2 87.8
(Table 4), there with a depth teacher, which is left out here. Not trained.

    python tools/pseudo_label.py \
        configs/baselines/must_r152_8xb68-600k_cls1-det1-seg1.py
    bash tools/dist_train.sh \
        configs/baselines/must_r152_8xb68-600k_cls1-det1-seg1.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/r152.py', '../_base_/settings/cls1-det1-seg1_must.py'
]
model = dict(
    type='HardSharingModel', backbone=_base_.resnet, sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=8)
train_cfg = dict(
    type='MultiSourceTrainLoop',
    max_iters=600000,  # ours: as hard-sharing
    val_interval=50000)
val_dataloader = dict(sources=_base_.sources, num_workers=4)
val_evaluator = dict(sources=_base_.sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=_base_.sources, num_workers=4)
test_evaluator = dict(sources=_base_.sources)
test_cfg = dict(type='MultiSourceTestLoop')
