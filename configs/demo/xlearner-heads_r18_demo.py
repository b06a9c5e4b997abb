"""The expansion's heads behind the squeezed student, on the demo's scenes.

After xlearner-squeeze_r18_demo.py, whose student stays as it is; 80 images an
iteration. Then MultiTaskInferencer answers for all five sources.

    python tools/train.py configs/demo/xlearner-heads_r18_demo.py
"""
_base_ = './xlearner-expansion_r18_demo.py'
model = dict(
    _delete_=True,
    type='GuidedStudentModel',
    student=_base_.resnet,
    squeeze='work_dirs/xlearner-squeeze_r18_demo/iter_360.pth',
    expansion='work_dirs/xlearner-expansion_r18_demo/iter_600.pth',
    guided_stages=dict(
        cls=(3, ),  # a classifier reads the last one alone
        det=(1, 2, 3)),  # the FPN has start_level=1
    sources=_base_.sources,
    merge=['cls'])
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=120,  # ours: a fifth of the expansion
    val_interval=1000)
infer_scale = (96, 96)  # ours: as det and seg in training
