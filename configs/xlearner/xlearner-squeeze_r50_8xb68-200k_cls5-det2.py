"""Squeeze, two more classification sources.

Aims at AVG Cls 80.6, PASCAL Det 84.3 (Table 3). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze_r50_8xb68-200k_cls5-det2.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/expanded_r50.py', '../_base_/settings/cls5-det2.py'
]
_expansion = 'xlearner-expansion_r50_8xb68-400k_cls5-det2'
model = dict(
    type='SqueezeDistiller',  # paper: Eq. 3 and 4
    teacher=dict(
        _base_.expanded_backbone,
        init_cfg=dict(
            type='Pretrained',
            checkpoint=f'work_dirs/{_expansion}/iter_400000.pth',
            prefix='backbone.')),
    student=_base_.resnet,
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=8)
train_cfg = dict(type='SqueezeTrainLoop', max_iters=200000)  # ours
optim_wrapper = dict(
    optimizer=dict(lr=0.02))  # ours: the sum over channels is steep
del _expansion
