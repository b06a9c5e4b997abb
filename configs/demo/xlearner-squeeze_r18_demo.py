"""X-Learner's squeeze stage on the demo's scenes (paper Sec. 3.3).

The expanded backbone is distilled into one ResNet-18 of width 16; 80 images
an iteration. Run by `make demo`.
"""
_base_ = [
    './_base_/runtime.py', './_base_/student.py', './_base_/sources.py',
    './_base_/schedule.py'
]
sources = [
    _base_.shapes, _base_.materials, _base_.parts, _base_.fabric, _base_.layout
]
model = dict(
    type='SqueezeDistiller',
    teacher=dict(
        type='ExpandedResNet',
        sub_backbone=_base_.resnet,
        reconciliation=dict(type='BottomUpReconciliation'),
        init_cfg=dict(
            type='Pretrained',
            prefix='backbone.',
            checkpoint='work_dirs/xlearner-expansion_r18_demo/'
            'iter_600.pth')),
    student=_base_.resnet,
    start_from='cls',  # ours: the paper does not say, and this one is short
    hint_stages=(1, 2, 3),  # ours: as transfer uses these stages
    sources=sources)
train_dataloader = dict(sources=sources, num_workers=0)
train_cfg = dict(type='SqueezeTrainLoop', max_iters=360)
