"""X-Learner_p: pruning in place of the squeeze (Sec. 3.4).

Prunes X-Learner's own expansion, base setting, and fine-tunes what is left.
Aims at ImageNet 76.1, iNat2021 78.6, Places 53.5, COCO 42.4, Objects365 23.4;
AVG Cls 77.2, PASCAL Det 83.1 (Table 6). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-prune-p_r50_8xb68-200k_cls3-det2.py 8
"""
_base_ = './xlearner-expansion_r50_8xb68-400k_cls3-det2.py'
_expansion = 'xlearner-expansion_r50_8xb68-400k_cls3-det2'
model = dict(
    type='PrunedExpansionModel',
    backbone=dict(
        type='PrunedExpandedResNet',  # paper: Sec. 3.4, reference [78]
        budget=None),  # ours: one ResNet-50's weights, as a student has
    expansion=f'work_dirs/{_expansion}/iter_400000.pth')
train_cfg = dict(
    max_iters=200000,  # ours: as the squeeze
    join_iter=0)  # ours: the gammas are trained, so never apart
optim_wrapper = dict(
    optimizer=dict(lr=0.02))  # ours: fine-tuning, a tenth of the expansion's
del _expansion
