"""Expansion on small real photographs: Algorithm 1 from scratch, on a CPU.

Result: cls 47.9 / 57.8, det AP 11.4 / AP50 68.6, seg 31.1 / 3.9;
see docs/en/results_small.md.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/xlearner-expansion_r18-w32_1xb64-1k_small.py
"""
_base_ = [
    '../_base_/default_runtime.py', '../_base_/schedules/sgd_paper.py',
    '../_base_/models/expanded_r18-w32.py',
    '../_base_/settings/cls2-det2-seg2_small.py'
]
model = dict(
    type='ExpansionModel',
    backbone=_base_.expanded_backbone,
    merge=['cls', 'det', 'seg'],  # paper: Algorithm 1, one batch B^t per task
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=1)
train_cfg = dict(
    type='ExpansionTrainLoop',
    max_iters=1000,  # ours: K, half an hour on the CPU
    join_iter=400,  # ours: tau, before the rate first drops
    val_interval=1000)
optim_wrapper = dict(optimizer=dict(lr=0.05))  # ours: for 48 images of cls
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
