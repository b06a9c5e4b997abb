"""Expansion on small real photographs with depth as a fourth task, on a CPU.

Twelve directed pairs of tasks have gammas, in place of six.
Result: not trained at full length; 120 iterations are in add_task.md.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/xlearner-expansion_r18-w32_1xb68-300_small-depth.py
"""
_base_ = [
    '../_base_/default_runtime.py', '../_base_/schedules/sgd_paper.py',
    '../_base_/models/expanded_r18-w32.py',
    '../_base_/settings/cls2-det2-seg2-depth1_small.py'
]
model = dict(
    type='ExpansionModel',
    backbone=_base_.expanded_backbone,
    merge=['cls', 'det', 'seg'],  # as with three tasks
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=1)
train_cfg = dict(
    type='ExpansionTrainLoop',
    max_iters=300,  # ours: K, to see that depth learns
    join_iter=120,  # ours: tau, before the rate first drops
    val_interval=300)
optim_wrapper = dict(optimizer=dict(lr=0.05))  # ours: as with three tasks
param_scheduler = [  # ours: nothing is pre-trained, so begin lower
    dict(_base_.param_scheduler[0], start_factor=0.01),
    *_base_.param_scheduler[1:]
]
val_dataloader = dict(sources=_base_.sources)
val_evaluator = dict(sources=_base_.sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=_base_.sources)
test_evaluator = dict(sources=_base_.sources)
test_cfg = dict(type='MultiSourceTestLoop')
