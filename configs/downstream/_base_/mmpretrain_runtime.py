"""What fine-tuning in mmpretrain shares.

Validation runs once, after the last iteration, unless a config says more.
"""
default_scope = 'mmpretrain'
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    checkpoint=dict(
        type='xlearner_mm.DurableCheckpointHook',
        by_epoch=False,
        interval=4000,
        max_keep_ckpts=2))
log_processor = dict(type='LogProcessor', by_epoch=False)
env_cfg = dict(cudnn_benchmark=True, dist_cfg=dict(backend='nccl'))
sync_bn = 'torch'  # in distributed runs
