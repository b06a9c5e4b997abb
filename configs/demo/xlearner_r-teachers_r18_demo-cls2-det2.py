r"""X-Learner_r, first of three: T multi-source teachers (paper Sec. 3.4).

Squeeze-Expansion: each teacher is squeezed into a light sub-backbone by
xlearner_r-squeeze-{cls,det}_r18_demo-cls2-det2.py; then these are joined by
xlearner_r-expansion_r18_demo-cls2-det2.py.

The paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_r-teachers_r18_demo-cls2-det2.py
"""
_base_ = './xlearner_no-rec-expansion_r18_demo-cls2-det2.py'
# ours: with 320 iterations of each squeeze and 440 of the expansion they show
# as many images as the 760 + 440 of X-Learner do.
train_cfg = dict(max_iters=440, join_iter=440)
