"""Hard-sharing, base setting.

Aims at ImageNet 75.0, iNat2021 75.3, Places 53.0, COCO 35.5,
Objects365 17.4 (Tables 3 and 6); AVG Cls 73.2, PASCAL Det 83.7, PASCAL Seg
70.5 (Table 2). Not trained.

    bash tools/dist_train.sh \
        configs/baselines/hard-sharing_r50_8xb68-600k_cls3-det2.py 8
"""
_base_ = [
    '../_base_/full_scale_runtime.py', '../_base_/schedules/sgd_paper_full.py',
    '../_base_/models/r50.py', '../_base_/settings/cls3-det2.py'
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
