"""Squeeze of the four-task expansion on small real photographs, on a CPU.

Result: not trained at full length.
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/xlearner-squeeze_r18-w32_1xb68-100_small-depth.py
"""
_base_ = [
    '../_base_/default_runtime.py', '../_base_/schedules/sgd_paper.py',
    '../_base_/models/expanded_r18-w32.py',
    '../_base_/settings/cls2-det2-seg2-depth1_small.py'
]
_expansion = 'xlearner-expansion_r18-w32_1xb68-300_small-depth'
model = dict(
    type='SqueezeDistiller',
    teacher=dict(
        _base_.expanded_backbone,
        init_cfg=dict(
            type='Pretrained',
            checkpoint=f'work_dirs/{_expansion}/iter_300.pth',
            prefix='backbone.')),
    student=_base_.sub_backbone,
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=1)
train_cfg = dict(type='SqueezeTrainLoop', max_iters=100)  # ours: for the CPU
optim_wrapper = dict(
    optimizer=dict(lr=0.02))  # ours: the sum over channels is steep
del _expansion
