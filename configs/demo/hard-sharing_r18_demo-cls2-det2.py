r"""Hard-sharing baseline in the demo's base setting (paper Sec. 4.3, Table 2).

The paper's base setting is classification and detection, without segmentation;
here 64 images an iteration, as many in all as X-Learner sees in both stages.

The paper, on its own sources: 73.2 (AVG Cls) and 83.7 (PASCAL Det), Table 2.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/hard-sharing_r18_demo-cls2-det2.py
"""
_base_ = './hard-sharing_r18_demo.py'
sources = [_base_.shapes, _base_.materials, _base_.parts, _base_.fabric]
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=1200)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
