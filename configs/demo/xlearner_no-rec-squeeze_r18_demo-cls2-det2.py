r"""X-Learner w/o Rec. on the demo's scenes: the squeeze (paper Table 5).

From the T teachers of xlearner_no-rec-expansion_r18_demo-cls2-det2.py.

The paper, on its own sources: 74.8 (AVG Cls) and 83.9 (PASCAL Det), Table 5.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_no-rec-squeeze_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-squeeze_r18_demo-cls2-det2.py'
model = dict(
    teacher=dict(
        reconciliation=None,  # paper: Table 5
        init_cfg=dict(
            checkpoint='work_dirs/xlearner_no-rec-expansion_r18_demo-cls2-det2'
            '/iter_760.pth')))
