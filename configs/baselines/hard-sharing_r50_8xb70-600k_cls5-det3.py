"""Hard-sharing, three more sources.

Aims at ImageNet 73.6, iNat2021 73.6, Places 52.0, Cars 98.4, Dogs 85.4,
COCO 34.9, Objects365 16.5, FACE 31.5; AVG Cls 77.1, PASCAL Det 83.2
(Table 3). Not trained.

    bash tools/dist_train.sh \
        configs/baselines/hard-sharing_r50_8xb70-600k_cls5-det3.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/r50.py', '../_base_/settings/cls5-det3.py'
]
model = dict(
    type='HardSharingModel',  # paper: Sec. 4.3
    backbone=_base_.resnet,
    merge=['cls'],  # as the expansion
    sources=_base_.sources)
train_dataloader = dict(sources=_base_.sources, num_workers=8)
train_cfg = dict(
    type='MultiSourceTrainLoop',
    max_iters=600000,  # ours: as many images as expansion and squeeze see
    val_interval=50000)
val_dataloader = dict(sources=_base_.sources, num_workers=4)
val_evaluator = dict(sources=_base_.sources)
val_cfg = dict(type='MultiSourceValLoop')
test_dataloader = dict(sources=_base_.sources, num_workers=4)
test_evaluator = dict(sources=_base_.sources)
test_cfg = dict(type='MultiSourceTestLoop')
