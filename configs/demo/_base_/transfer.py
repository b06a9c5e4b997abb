"""Short fine-tuning by the stock upstream runner."""
train_cfg = dict(type='IterBasedTrainLoop', max_iters=300, val_interval=1000)
val_cfg = dict(type='ValLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=30),
    dict(type='PolyLR', power=0.9, by_epoch=False)
]
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=25, log_metric_by_epoch=False),
    checkpoint=dict(
        type='xlearner_mm.DurableCheckpointHook',
        by_epoch=False,
        interval=100,
        max_keep_ckpts=2))
log_processor = dict(type='LogProcessor', by_epoch=False, window_size=25)
