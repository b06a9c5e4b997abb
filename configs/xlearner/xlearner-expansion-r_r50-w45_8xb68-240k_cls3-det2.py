"""X-Learner_r, last of three: the light sub-backbones are joined.

They start from the students of squeeze-r (Sec. 3.4). Aims at ImageNet 73.9,
iNat2021 76.6, Places 52.5, COCO 41.1, Objects365 21.7; AVG Cls 73.9, PASCAL
Det 84.1 (Table 6). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-expansion-r_r50-w45_8xb68-240k_cls3-det2.py 8
"""
_base_ = [
    './xlearner-expansion_r50_8xb68-400k_cls3-det2.py',
    '../_base_/models/r50-w45.py'
]
sources = _base_.sources
for _source in sources[:3]:
    _source['model']['head']['in_channels'] = _base_.light_channels[-1]
for _source in sources[3:]:
    _source['model']['neck']['in_channels'] = _base_.light_channels
_squeeze = 'work_dirs/xlearner-squeeze-r_r50-w45_8xb'
model = dict(
    backbone=dict(sub_backbone=_base_.light),
    sources=sources,
    task_checkpoints=dict(
        cls=f'{_squeeze}64-200k_cls3/iter_200000.pth',
        det=f'{_squeeze}4-200k_det2/iter_200000.pth'))
train_dataloader = dict(sources=sources)
train_cfg = dict(
    max_iters=240000,  # ours: with what came before, as many as X-Learner
    join_iter=0)  # ours: the squeeze has trained each of them by itself
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
test_dataloader = dict(sources=sources)
test_evaluator = dict(sources=sources)
del _source, _squeeze
