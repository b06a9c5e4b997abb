"""The paper's schedule with a warm-up for networks that start from nothing."""
_base_ = './sgd_paper.py'
param_scheduler = [
    dict(  # ours: detectors from scratch would not stand 0.2 at once
        _base_.param_scheduler[0],
        start_factor=0.01,
        end=2000),
    *_base_.param_scheduler[1:]
]
