"""X-Learner's expansion stage on the demo's scenes (paper Sec. 3.2).

Three sub-backbones (cls, det, seg), joined half-way; 80 images an iteration.
Run by `make demo`.
"""
_base_ = [
    './_base_/runtime.py', './_base_/student.py', './_base_/sources.py',
    './_base_/schedule.py'
]
sources = [
    _base_.shapes, _base_.materials, _base_.parts, _base_.fabric, _base_.layout
]
model = dict(
    type='ExpansionModel',
    backbone=dict(
        type='ExpandedResNet',
        sub_backbone=_base_.resnet,
        reconciliation=dict(type='BottomUpReconciliation')),
    sources=sources,
    merge=['cls'])
train_dataloader = dict(sources=sources, num_workers=0)
train_cfg = dict(
    type='ExpansionTrainLoop',
    max_iters=600,
    join_iter=300,  # ours: tau is unstated in the paper
    val_interval=1000)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
val_cfg = dict(type='MultiSourceValLoop')
