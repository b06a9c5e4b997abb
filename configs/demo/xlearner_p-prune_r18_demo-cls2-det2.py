r"""X-Learner_p on the demo's scenes (paper Sec. 3.4, Observation 5).

The expanded backbone of xlearner-expansion_r18_demo-cls2-det2.py is pruned to
as many non-zero convolution weights as one ResNet-18 of width 16 has, then
fine-tuned with its masks in place of the squeeze, for as many images.

The paper, on its own sources: 77.2 (AVG Cls) and 83.1 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_p-prune_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo-cls2-det2.py'
model = dict(
    type='PrunedExpansionModel',
    backbone=dict(
        type='PrunedExpandedResNet',
        budget=None),  # ours: one sub-backbone's, as large as a student
    expansion='work_dirs/xlearner-expansion_r18_demo-cls2-det2/iter_760.pth')
train_cfg = dict(
    max_iters=440,  # ours: as the squeeze
    join_iter=0)  # ours: the gammas are trained, so never apart
optim_wrapper = dict(
    optimizer=dict(lr=1e-3))  # ours: fine-tuning, a quarter of the expansion's
