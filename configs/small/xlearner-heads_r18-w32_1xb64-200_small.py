"""Heads behind the squeezed student, on small real photographs, on a CPU.

Result: cls 33.1 / 36.1, det AP 8.9 / AP50 62.2, seg 29.4 / 3.7; see
docs/en/user_guides/inference.md. With XLEARNER_DATA=DIR:

    tools/train.py configs/small/xlearner-heads_r18-w32_1xb64-200_small.py
"""
_base_ = './xlearner-expansion_r18-w32_1xb64-1k_small.py'
_size = 128  # ours: of seg; here cls too, so that one pass serves all
sources = _base_.sources
_resize = dict(type='Resize', scale=(_size, _size))
for _source in sources[:2]:
    _source['train']['pipeline'][1:-1] = [
        _resize,
        dict(type='RandomCrop', crop_size=_size, padding=16),
        dict(type='RandomFlip', prob=0.5)
    ]
    _source['val']['pipeline'][1:-1] = [_resize]
model = dict(
    _delete_=True,
    type='GuidedStudentModel',
    student=_base_.sub_backbone,
    squeeze='work_dirs/xlearner-squeeze_r18-w32_1xb64-200_small/iter_200.pth',
    expansion='work_dirs/xlearner-expansion_r18-w32_1xb64-1k_small/'
    'iter_1000.pth',
    guided_stages=dict(cls=(3, )),  # all that a classifier reads
    merge=['cls', 'det', 'seg'],
    sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=200,  # ours: a fifth of the expansion
    val_interval=200)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
test_dataloader = dict(sources=sources)
test_evaluator = dict(sources=sources)
infer_scale = (192, _size)  # ours: the sides of det and seg
del _source, _resize
