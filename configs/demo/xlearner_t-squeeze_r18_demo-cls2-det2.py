r"""X-Learner_t's squeeze stage on the demo's scenes (paper Sec. 3.3, 3.4).

After xlearner_t-expansion_r18_demo-cls2-det2.py, whose checkpoint is the
teacher.

The paper, on its own sources: 74.5 (AVG Cls) and 83.5 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_t-squeeze_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-squeeze_r18_demo-cls2-det2.py'
model = dict(
    teacher=dict(
        reconciliation=dict(_delete_=True, type='TopDownReconciliation'),
        init_cfg=dict(
            checkpoint='work_dirs/xlearner_t-expansion_r18_demo-cls2-det2/'
            'iter_760.pth')))
