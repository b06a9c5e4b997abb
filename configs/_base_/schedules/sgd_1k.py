"""The paper's schedule (Sec. 4.1) over 1000 iterations.

The factors multiply: lr, lr / 2, lr / 10, lr / 100.
"""
max_iters = 1000  # ours: K, for the CPU
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=0.05,  # ours: 0.2 in the paper, for 512 images
        momentum=0.9,  # paper: Sec. 4.1
        weight_decay=1e-4))  # paper: Sec. 4.1
param_scheduler = [
    dict(
        type='LinearLR',  # ours: the paper does not mention a warm-up
        start_factor=0.01,
        by_epoch=False,
        end=max_iters // 20)
] + [
    dict(
        type='MultiStepLR',
        by_epoch=False,
        milestones=[max_iters * percent // 100],
        gamma=gamma)
    for percent, gamma in ((50, 0.5), (70, 0.2), (90, 0.1))  # paper: Sec. 4.1
]
