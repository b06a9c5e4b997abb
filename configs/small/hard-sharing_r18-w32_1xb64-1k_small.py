"""Baseline on small real photographs: one backbone for all sources.

Result: not trained
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/hard-sharing_r18-w32_1xb64-1k_small.py
"""
_base_ = './xlearner-expansion_r18-w32_1xb64-1k_small.py'
model = dict(
    _delete_=True,
    type='HardSharingModel',  # paper: Sec. 4.3
    backbone=_base_.sub_backbone,
    merge=['cls', 'det', 'seg'],  # as the expansion
    sources=_base_.sources)
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=1000,
    val_interval=1000)
