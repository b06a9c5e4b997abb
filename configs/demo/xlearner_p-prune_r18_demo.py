"""X-Learner_p on the demo's scenes (paper Sec. 3.4, Observation 5).

The expanded backbone of xlearner-expansion_r18_demo.py is pruned to as many
non-zero convolution weights as one ResNet-18 of width 16 has, then fine-tuned
with its masks, in place of the squeeze; 80 images an iteration, as many as
the squeeze sees. Its paper target is of another scale: Table 6, 77.2 average
classification and 83.1 PASCAL detection. Not trained. Run

    python tools/train.py configs/demo/xlearner_p-prune_r18_demo.py
"""
_base_ = './xlearner-expansion_r18_demo.py'
model = dict(
    type='PrunedExpansionModel',
    backbone=dict(
        type='PrunedExpandedResNet',
        budget=None),  # ours: one sub-backbone's, as large as a student
    expansion='work_dirs/demo/xlearner-expansion_r18_demo/iter_600.pth')
train_cfg = dict(
    max_iters=350,  # ours: as the squeeze
    join_iter=0)  # ours: the gammas are trained, so never apart
optim_wrapper = dict(
    optimizer=dict(lr=1e-3))  # ours: fine-tuning, a quarter of the expansion's
