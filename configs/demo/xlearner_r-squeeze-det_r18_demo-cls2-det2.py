r"""X-Learner_r, second of three: the light detection sub-backbone.

The teacher is task 'det' of xlearner_r-teachers_r18_demo-cls2-det2.py; the
images are those of its own sources (paper Sec. 3.4).

The paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_r-squeeze-det_r18_demo-cls2-det2.py
"""
_base_ = ['./xlearner-squeeze_r18_demo-cls2-det2.py', './_base_/light.py']
sources = [_base_.parts, _base_.fabric]
model = dict(
    teacher=dict(
        reconciliation=None,
        init_cfg=dict(
            checkpoint='work_dirs/xlearner_r-teachers_r18_demo-cls2-det2/'
            'iter_440.pth')),
    student=_base_.light,
    start_from=None,  # a lighter network than the teacher's
    sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=320)
