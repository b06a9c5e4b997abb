"""What every run of xlearner_mm shares: scope, hooks, logs, seed."""
default_scope = 'xlearner_mm'
custom_imports = dict(imports=['xlearner_mm'])

default_hooks = dict(
    # ours: a run of K iterations is one epoch, and metrics would all be at 0
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    # ours: two, so that a damaged last one costs one interval
    checkpoint=dict(
        type='xlearner_mm.DurableCheckpointHook',
        by_epoch=False,
        interval=1000,
        max_keep_ckpts=2))
custom_hooks = [
    dict(type='SyncBuffersIterHook'),
    dict(type='ShortHistoryHook', max_length=1000),  # ours: > window_size
    dict(type='UnfusedDriftHook', interval=100)
]

log_processor = dict(type='LogProcessor', by_epoch=False, window_size=50)
vis_backends = [
    dict(type='LocalVisBackend'),
    dict(type='TensorboardVisBackend')
]
visualizer = dict(type='Visualizer', vis_backends=vis_backends)

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'))
# Without a seed every run would draw another one; resumes keep it.
randomness = dict(seed=0)
