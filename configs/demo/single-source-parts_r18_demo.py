r"""Teacher of X-Learner++ and MuST: detected parts alone.

Single-task single-source (paper Sec. 3.4). It sees as many images of
'parts' as X-Learner's expansion does. The paper has no number for it.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/single-source-parts_r18_demo.py
"""
_base_ = './single-source_r18_demo.py'
sources = [_base_.parts]  # ours: the expansion's batch size
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=760)  # ours: the expansion's K in `-cls2-det2`
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
