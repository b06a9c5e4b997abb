"""Heads behind the squeezed student, on small real photographs, on a CPU.

After xlearner-squeeze_r18-w32_1xb64-200_small.py; the student stays as it is.
Result: not trained
Data: XLEARNER_DATA=DIR, or --cfg-options data_root=DIR.

    python tools/train.py \
        configs/small/xlearner-heads_r18-w32_1xb64-200_small.py
"""
_base_ = './xlearner-expansion_r18-w32_1xb64-1k_small.py'
model = dict(
    _delete_=True,
    type='GuidedStudentModel',
    student=_base_.sub_backbone,
    squeeze='work_dirs/xlearner-squeeze_r18-w32_1xb64-200_small/iter_200.pth',
    expansion='work_dirs/xlearner-expansion_r18-w32_1xb64-1k_small/'
    'iter_1000.pth',
    guided_stages=dict(cls=(3, )),  # a classifier reads the last one alone
    merge=['cls', 'det', 'seg'],
    sources=_base_.sources)
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=200,  # ours: a fifth of the expansion
    val_interval=200)
infer_scale = (256, 192)  # ours: as large as the photographs
