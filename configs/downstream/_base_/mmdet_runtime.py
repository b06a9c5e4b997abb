"""What fine-tuning in mmdet shares."""
_base_ = 'mmdet::_base_/default_runtime.py'
default_hooks = dict(
    checkpoint=dict(
        type='xlearner_mm.DurableCheckpointHook', max_keep_ckpts=2))
sync_bn = 'torch'  # in distributed runs
