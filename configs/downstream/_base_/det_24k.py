"""MoCo's schedule for VOC 07+12, in mmdet: 24,000 iterations of 16 images."""
_base_ = './mmdet_runtime.py'
train_cfg = dict(
    type='IterBasedTrainLoop', max_iters=24000, val_interval=24000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=0.02,  # MoCo: the same; tools/lr_search.py finds a checkpoint's own
        momentum=0.9,
        weight_decay=1e-4),
    # MoCo: as detectron2, which decays no norm. Left out: its precise BN.
    paramwise_cfg=dict(norm_decay_mult=0))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, end=100),
    dict(
        type='MultiStepLR',
        by_epoch=False,
        milestones=[18000, 22000],
        gamma=0.1)
]
default_hooks = dict(checkpoint=dict(by_epoch=False, interval=4000))
log_processor = dict(by_epoch=False)
auto_scale_lr = dict(enable=False, base_batch_size=16)
