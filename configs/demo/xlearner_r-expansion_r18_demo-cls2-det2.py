r"""X-Learner_r, last of three: the light sub-backbones are joined.

They start from the students of
xlearner_r-squeeze-{cls,det}_r18_demo-cls2-det2.py (paper Sec. 3.4).

The paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_r-expansion_r18_demo-cls2-det2.py
"""
_base_ = ['./xlearner-expansion_r18_demo-cls2-det2.py', './_base_/light.py']
sources = [_base_.shapes, _base_.materials, _base_.parts, _base_.fabric]
for _source in sources[:2]:
    _source['model']['head']['in_channels'] = _base_.light_channels[-1]
for _source in sources[2:]:
    _source['model']['neck']['in_channels'] = _base_.light_channels
model = dict(
    backbone=dict(sub_backbone=_base_.light),
    sources=sources,
    task_checkpoints={
        _task:
        f'work_dirs/xlearner_r-squeeze-{_task}_r18_demo-cls2-det2/'
        'iter_320.pth'
        for _task in ('cls', 'det')
    })
train_dataloader = dict(sources=sources)
# ours: joined at once, the squeeze has trained each of them by itself
train_cfg = dict(max_iters=440, join_iter=0)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
del _source
