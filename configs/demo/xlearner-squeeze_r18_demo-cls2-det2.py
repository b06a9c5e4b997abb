r"""X-Learner's squeeze stage in the demo's base setting (paper Sec. 3.3).

After xlearner-expansion_r18_demo-cls2-det2.py, whose checkpoint is the
teacher; 64 images an iteration.

The paper, on its own sources: 77.1 (AVG Cls) and 84.4 (PASCAL Det), Table 2.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-squeeze_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-squeeze_r18_demo.py'
sources = [_base_.shapes, _base_.materials, _base_.parts, _base_.fabric]
model = dict(
    teacher=dict(
        init_cfg=dict(
            checkpoint='work_dirs/xlearner-expansion_r18_demo-cls2-det2/'
            'iter_760.pth')),
    sources=sources)
train_dataloader = dict(sources=sources)
train_cfg = dict(max_iters=440)
