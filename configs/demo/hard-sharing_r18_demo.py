"""Hard-sharing baseline on the demo's scenes (paper Sec. 4.3, Table 2).

One backbone, all five sources, 80 images an iteration: as many images seen as
X-Learner sees in both of its stages. Run by `make demo`.
"""
_base_ = [
    './_base_/runtime.py', './_base_/student.py', './_base_/sources.py',
    './_base_/schedule.py'
]
sources = [
    _base_.shapes, _base_.materials, _base_.parts, _base_.fabric, _base_.layout
]
model = dict(
    type='HardSharingModel',
    backbone=_base_.resnet,
    sources=sources,
    merge=['cls'])
train_dataloader = dict(sources=sources, num_workers=0)
train_cfg = dict(type='MultiSourceTrainLoop', max_iters=960, val_interval=1000)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
val_cfg = dict(type='MultiSourceValLoop')
