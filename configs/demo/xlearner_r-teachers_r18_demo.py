"""X-Learner_r, first of three: T multi-source teachers (paper Sec. 3.4).

Squeeze-Expansion: each teacher is squeezed into a light sub-backbone
(xlearner_r-squeeze-{cls,det,seg}_r18_demo.py), then these are joined
(xlearner_r-expansion_r18_demo.py).

Paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here not trained. Data: `make demo`.

    python tools/train.py configs/demo/xlearner_r-teachers_r18_demo.py
"""
_base_ = './xlearner_no-rec-expansion_r18_demo.py'
# ours: 350 iterations, then 250 of each squeeze and 350 of the expansion show
# as many images as the 600 + 350 of X-Learner do.
train_cfg = dict(max_iters=350, join_iter=350)
