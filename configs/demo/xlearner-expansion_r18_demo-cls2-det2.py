r"""X-Learner's expansion stage in the demo's base setting (paper Sec. 3.2).

The paper's base setting is classification and detection, without segmentation;
here 64 images an iteration.

The paper, on its own sources: 77.1 (AVG Cls) and 84.4 (PASCAL Det), Table 2.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-expansion_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo.py'
sources = [_base_.shapes, _base_.materials, _base_.parts, _base_.fabric]
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=760, join_iter=380)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
