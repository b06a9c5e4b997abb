"""The specialised teachers of MuST (Table 4), three trainings in one run.

Each ResNet-152 learns one task by itself; nothing joins them. No number in
the paper. Not trained.

    bash tools/dist_train.sh \
        configs/baselines/must-teachers_r152_8xb68-400k_cls1-det1-seg1.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/r152.py', '../_base_/settings/cls1-det1-seg1.py'
]
model = dict(
    type='ExpansionModel',
    backbone=dict(
        type='ExpandedResNet', sub_backbone=_base_.resnet,
        reconciliation=None),
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=8)
train_cfg = dict(
    type='ExpansionTrainLoop',
    max_iters=400000,  # ours: as X-Learner's expansion
    join_iter=400000,  # ours: T separate trainings
    val_interval=50000)
val_dataloader = dict(sources=_base_.sources, num_workers=4)
val_evaluator = dict(sources=_base_.sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=_base_.sources, num_workers=4)
test_evaluator = dict(sources=_base_.sources)
test_cfg = dict(type='MultiSourceTestLoop')
