"""The paper's optimizer and schedule (Sec. 4.1), for any number of iterations.

The factors multiply: lr, lr / 2, lr / 10, lr / 100. Read as absolute factors
of the first rate, they would be gamma=0.5, 0.4, 0.5.
"""
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=0.2,  # paper: Sec. 4.1; ours: read as for 512 images
        momentum=0.9,  # paper: Sec. 4.1
        weight_decay=1e-4))  # paper: Sec. 4.1
param_scheduler = [
    dict(  # ours: the paper does not mention a warm-up
        type='LinearLR',
        start_factor=0.1,
        by_epoch=False,
        end=50)
] + [
    dict(
        type='FractionStepLR',
        by_epoch=False,
        fraction=_fraction,
        gamma=_gamma)  # paper: Sec. 4.1
    for _fraction, _gamma in ((0.5, 0.5), (0.7, 0.2), (0.9, 0.1))
]
