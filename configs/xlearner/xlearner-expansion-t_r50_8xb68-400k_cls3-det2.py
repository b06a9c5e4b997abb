"""X-Learner_t: expansion, gammas from deeper stages (Sec. 3.4).

As the base setting, but for the direction of the gammas. Aims at ImageNet
76.3, iNat2021 79.9, Places 53.3, COCO 42.5, Objects365 22.0 (Table 6).
Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-expansion-t_r50_8xb68-400k_cls3-det2.py 8
"""
_base_ = './xlearner-expansion_r50_8xb68-400k_cls3-det2.py'
model = dict(
    backbone=dict(
        reconciliation=dict(
            _delete_=True,
            type='TopDownReconciliation',  # paper: Sec. 3.4, gamma_c
            fuse_stages=(0, 1, 2))))  # ours: as the base setting
