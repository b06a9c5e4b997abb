"""X-Learner_r, second of three: the light detection sub-backbone.

The teacher is task 'det' of teachers-r, the images are those of its own
sources (Sec. 3.4). No number in the paper; those of the last run are
Table 6. Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze-r_r50-w45_8xb4-200k_det2.py 8
"""
_base_ = [
    './xlearner-squeeze_r50_8xb68-200k_cls3-det2.py',
    '../_base_/models/r50-w45.py'
]
_teachers = 'xlearner-teachers-r_r50_8xb68-160k_cls3-det2'
sources = [_base_.coco, _base_.objects365]
model = dict(
    teacher=dict(
        reconciliation=None,
        init_cfg=dict(checkpoint=f'work_dirs/{_teachers}/iter_160000.pth')),
    student=_base_.light,
    sources=sources)
train_dataloader = dict(sources=sources)
del _teachers
