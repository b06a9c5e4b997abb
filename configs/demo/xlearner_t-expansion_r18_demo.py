"""X-Learner_t's expansion stage on the demo's scenes (paper Sec. 3.4).

As xlearner-expansion_r18_demo.py, but the gammas read deeper stages.

Paper, on its own sources: 74.5 (AVG Cls) and 83.5 (PASCAL Det), Table 6.
Here not trained. Data: `make demo`.

    python tools/train.py configs/demo/xlearner_t-expansion_r18_demo.py
"""
_base_ = './xlearner-expansion_r18_demo.py'
model = dict(
    backbone=dict(
        reconciliation=dict(  # paper: Sec. 3.4, gamma_c
            _delete_=True,
            type='TopDownReconciliation')))
