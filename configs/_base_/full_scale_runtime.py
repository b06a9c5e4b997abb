"""The common runtime for runs of days on several GPUs."""
_base_ = './default_runtime.py'
sync_bn = 'torch'  # ours: two images a GPU are too few for BatchNorm
default_hooks = dict(checkpoint=dict(interval=10000))
