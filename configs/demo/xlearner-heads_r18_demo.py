"""The expansion's heads behind the squeezed student, on the demo's scenes.

After xlearner-squeeze_r18_demo.py, whose student stays as it is; 80 images an
iteration. Then MultiTaskInferencer answers for all five sources.

    python tools/train.py configs/demo/xlearner-heads_r18_demo.py
"""
_base_ = './xlearner-expansion_r18_demo.py'
_size = 96  # ours: of det and seg; here cls too, so that one pass serves all
sources = [
    _base_.shapes, _base_.materials, _base_.parts, _base_.fabric, _base_.layout
]
for _source in sources[:2]:
    _source['train']['pipeline'][1]['scale'] = _size
    _source['val']['pipeline'].insert(1, dict(type='Resize', scale=_size))
model = dict(
    _delete_=True,
    type='GuidedStudentModel',
    student=_base_.resnet,
    squeeze='work_dirs/xlearner-squeeze_r18_demo/iter_360.pth',
    expansion='work_dirs/xlearner-expansion_r18_demo/iter_600.pth',
    guided_stages=dict(
        cls=(3, ),  # a classifier reads the last one alone
        det=(1, 2, 3)),  # the FPN has start_level=1
    sources=sources,
    merge=['cls'])
train_dataloader = dict(sources=sources)
train_cfg = dict(
    _delete_=True,
    type='MultiSourceTrainLoop',
    max_iters=120,  # ours: a fifth of the expansion
    val_interval=1000)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
infer_scale = (_size, _size)
del _source
