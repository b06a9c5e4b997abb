r"""X-Learner_t's expansion stage on the demo's scenes (paper Sec. 3.4).

As xlearner-expansion_r18_demo-cls2-det2.py, but gammas read deeper stages.

The paper, on its own sources: 74.5 (AVG Cls) and 83.5 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_t-expansion_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo-cls2-det2.py'
model = dict(
    backbone=dict(
        reconciliation=dict(  # paper: Sec. 3.4, gamma_c
            _delete_=True,
            type='TopDownReconciliation')))
