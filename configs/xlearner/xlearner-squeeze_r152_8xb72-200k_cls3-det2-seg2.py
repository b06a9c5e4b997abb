"""Squeeze into a ResNet-152, with segmentation.

Aims at CIFAR-100 89.7, PASCAL Det 88.6, PASCAL Seg 82.6, NYU-Depth V2
91.3 (Table 4). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze_r152_8xb72-200k_cls3-det2-seg2.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/expanded_r152.py', '../_base_/settings/cls3-det2-seg2.py'
]
_expansion = 'xlearner-expansion_r152_8xb72-400k_cls3-det2-seg2'
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
