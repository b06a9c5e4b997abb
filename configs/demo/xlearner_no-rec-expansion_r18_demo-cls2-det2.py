r"""X-Learner w/o Rec. on the demo's scenes: T teachers (paper Table 5).

As xlearner-expansion_r18_demo-cls2-det2.py without gammas: a multi-source
network for each task.

The paper, on its own sources: 74.8 (AVG Cls) and 83.9 (PASCAL Det), Table 5.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_no-rec-expansion_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo-cls2-det2.py'
model = dict(backbone=dict(reconciliation=None))  # paper: Table 5
# paper: Fig. 4 marks it as without expansion, so they are never joined; with
# a smaller tau, Eq. 1 weighs the sources from then on.
train_cfg = dict(join_iter=760)
