"""X-Learner_r, second of three: the light detection sub-backbone.

The teacher is task 'det' of xlearner_r-teachers_r18_demo.py; the images are
those of its own sources (paper Sec. 3.4).

Paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here not trained. Data: `make demo`.

    python tools/train.py configs/demo/xlearner_r-squeeze-det_r18_demo.py
"""
_base_ = ['./xlearner-squeeze_r18_demo.py', './_base_/light.py']
sources = [_base_.parts, _base_.fabric]
model = dict(
    teacher=dict(
        reconciliation=None,
        init_cfg=dict(
            checkpoint='work_dirs/xlearner_r-teachers_r18_demo/iter_350.pth')),
    student=_base_.light,
    sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=250)
