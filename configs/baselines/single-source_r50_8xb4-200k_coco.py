"""Supervised pre-training on COCO alone.

Teacher of X-Learner++ (Sec. 3.4). No number in the paper; those of
X-Learner++ are Tables 2, 4 and 6. Not trained.

    bash tools/dist_train.sh \
        configs/baselines/single-source_r50_8xb4-200k_coco.py 8
"""
_base_ = [
    './single-source_r50_8xb64-225k_imagenet.py', '../_base_/sources/coco.py'
]
sources = [dict(_base_.coco, batch_size=4)]  # ours: 32, as E^det's batch
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=200000)  # ours: 54 epochs, as the expansion
optim_wrapper = dict(
    optimizer=dict(lr=0.04))  # ours: mmdet's 0.02 for 16 images, scaled
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
test_dataloader = dict(sources=sources)
test_evaluator = dict(sources=sources)
