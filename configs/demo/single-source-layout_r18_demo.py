"""Teacher of X-Learner++ on the demo's segmented layouts alone.

Single-task single-source (paper Sec. 3.4), of the source 'layout'. It sees as
many of its images as X-Learner's expansion does. The paper has no number for
it; ours is not trained.

    python tools/train.py configs/demo/single-source-layout_r18_demo.py
        --work-dir work_dirs/demo/single-source-layout_r18_demo
"""
_base_ = ['./single-source_r18_demo.py']
sources = [_base_.layout]  # ours: the expansion's batch size
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=600)  # ours: the expansion's K
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
