"""Expansion without reconciliation, base setting.

No number in the paper; those of the squeezed network are Table 5.
Not trained.

    bash tools/dist_train.sh \
      configs/xlearner/xlearner-expansion-no-rec_r50_8xb68-400k_cls3-det2.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/expanded_r50.py', '../_base_/settings/cls3-det2.py'
]
model = dict(
    type='ExpansionModel',
    backbone=dict(_base_.expanded_backbone, reconciliation=None),
    merge=['cls'],  # paper: Algorithm 1; the images of det differ in size
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=8)
train_cfg = dict(
    type='ExpansionTrainLoop',
    max_iters=400000,  # ours: K
    join_iter=400000,  # ours: T separate trainings
    val_interval=50000)
val_dataloader = dict(sources=_base_.sources, num_workers=4)
val_evaluator = dict(sources=_base_.sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=_base_.sources, num_workers=4)
test_evaluator = dict(sources=_base_.sources)
test_cfg = dict(type='MultiSourceTestLoop')
