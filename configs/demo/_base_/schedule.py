"""The paper's steps with AdamW, which learns in hundreds of iterations."""
_base_ = '../../_base_/schedules/sgd_paper.py'
optim_wrapper = dict(
    optimizer=dict(  # ours: SGD needs more iterations than a demo has
        _delete_=True,
        type='AdamW',
        lr=4e-3,
        weight_decay=0.05))
