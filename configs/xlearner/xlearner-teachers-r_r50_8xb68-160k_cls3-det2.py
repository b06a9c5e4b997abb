"""X-Learner_r, first of three: T multi-source teachers (Sec. 3.4).

Squeeze-Expansion: each is squeezed into a light sub-backbone (squeeze-r),
then these are joined (expansion-r). No number in the paper; those of the
last run are Table 6. Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-teachers-r_r50_8xb68-160k_cls3-det2.py 8
"""
_base_ = './xlearner-expansion-no-rec_r50_8xb68-400k_cls3-det2.py'
# ours: 160k here, 200k of each squeeze and 240k of the expansion show as many
# images as the 400k + 200k of X-Learner do.
train_cfg = dict(max_iters=160000, join_iter=160000, val_interval=40000)
