"""X-Learner_r, last of three: the light sub-backbones are joined.

They start from the students of xlearner_r-squeeze-{cls,det,seg}_r18_demo.py
(paper Sec. 3.4).

Paper, on its own sources: 73.9 (AVG Cls) and 84.1 (PASCAL Det), Table 6.
Here not trained. Data: `make demo`.

    python tools/train.py configs/demo/xlearner_r-expansion_r18_demo.py
"""
_base_ = ['./xlearner-expansion_r18_demo.py', './_base_/light.py']
sources = [
    _base_.shapes, _base_.materials, _base_.parts, _base_.fabric, _base_.layout
]
for _source in sources[:2]:
    _source['model']['head']['in_channels'] = _base_.light_channels[-1]
for _source in sources[2:]:
    _source['model']['neck']['in_channels'] = _base_.light_channels
model = dict(
    backbone=dict(sub_backbone=_base_.light),
    sources=sources,
    task_checkpoints={
        _task: f'work_dirs/xlearner_r-squeeze-{_task}_r18_demo/iter_250.pth'
        for _task in ('cls', 'det', 'seg')
    })
train_dataloader = dict(sources=sources)
# ours: joined at once, the squeeze has trained each of them by itself
train_cfg = dict(max_iters=350, join_iter=0)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
del _source
