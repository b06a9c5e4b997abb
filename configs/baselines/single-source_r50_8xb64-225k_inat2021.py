"""Supervised pre-training on iNat2021 alone.

Teacher of X-Learner++ (Sec. 3.4). No number in the paper; those of
X-Learner++ are Tables 2, 4 and 6. Not trained.

    bash tools/dist_train.sh \
        configs/baselines/single-source_r50_8xb64-225k_inat2021.py 8
"""
_base_ = [
    './single-source_r50_8xb64-225k_imagenet.py',
    '../_base_/sources/inat2021.py'
]
sources = [dict(_base_.inat2021, batch_size=64)]  # ours: 512 on 8 GPUs
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=225000)  # ours: as ImageNet's; 43 epochs
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
test_dataloader = dict(sources=sources)
test_evaluator = dict(sources=sources)
