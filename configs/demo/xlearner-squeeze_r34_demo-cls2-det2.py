r"""X-Learner with a deeper network: the squeeze stage (paper Table 4).

After xlearner-expansion_r34_demo-cls2-det2.py, whose checkpoint is the
teacher.

The paper, on its own sources: X-Learner_R152 in Table 4.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-squeeze_r34_demo-cls2-det2.py
"""
_base_ = './xlearner-squeeze_r18_demo-cls2-det2.py'
model = dict(
    teacher=dict(
        sub_backbone=dict(depth=34),
        init_cfg=dict(
            checkpoint='work_dirs/xlearner-expansion_r34_demo-cls2-det2/'
            'iter_760.pth')),
    student=dict(depth=34))
