"""Single-source supervised baseline on the demo's scenes (as Table 2's).

One classification source, 80 images an iteration: as many images seen as
X-Learner sees in both of its stages. Run by `make demo`.
"""
_base_ = [
    './_base_/runtime.py', './_base_/student.py', './_base_/sources.py',
    './_base_/schedule.py'
]
sources = [dict(_base_.shapes, batch_size=80)]
model = dict(type='HardSharingModel', backbone=_base_.resnet, sources=sources)
train_dataloader = dict(sources=sources, num_workers=0)
train_cfg = dict(type='MultiSourceTrainLoop', max_iters=960, val_interval=1000)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
val_cfg = dict(type='MultiSourceValLoop')
