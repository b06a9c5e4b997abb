"""mmpretrain's SimCLR recipe for 4096 images, 800 epochs in iterations."""
_no_decay = dict(decay_mult=0, lars_exclude=True)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='LARS', lr=4.8, momentum=0.9, weight_decay=1e-6),
    paramwise_cfg=dict(
        custom_keys={
            'bn': _no_decay,
            'bias': _no_decay,
            'downsample.1': _no_decay  # BatchNorm of a shortcut
        }))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-4, by_epoch=False,
         end=3130),  # 10 epochs
    dict(
        type='CosineAnnealingLR',
        by_epoch=False,
        begin=3130,
        end=250000,  # 800 epochs
        T_max=246870)
]
del _no_decay
