"""X-Learner w/o Rec. on the demo's scenes: the squeeze (paper Table 5).

From the T separate teachers of xlearner_no-rec-expansion_r18_demo.py.

Paper, on its own sources: 74.8 (AVG Cls) and 83.9 (PASCAL Det), Table 5.
Here not trained. Data: `make demo`.

    python tools/train.py configs/demo/xlearner_no-rec-squeeze_r18_demo.py
"""
_base_ = './xlearner-squeeze_r18_demo.py'
model = dict(
    teacher=dict(
        reconciliation=None,  # paper: Table 5
        init_cfg=dict(checkpoint='work_dirs/xlearner_no-rec-expansion_r18_demo'
                      '/iter_600.pth')))
