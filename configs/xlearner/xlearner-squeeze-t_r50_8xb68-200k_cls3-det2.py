"""X-Learner_t: squeeze.

Aims at AVG Cls 74.5, PASCAL Det 83.5 (Table 6). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze-t_r50_8xb68-200k_cls3-det2.py 8
"""
_base_ = './xlearner-squeeze_r50_8xb68-200k_cls3-det2.py'
_expansion = 'xlearner-expansion-t_r50_8xb68-400k_cls3-det2'
model = dict(
    teacher=dict(
        reconciliation=dict(
            _delete_=True,
            type='TopDownReconciliation',  # paper: Sec. 3.4, gamma_c
            fuse_stages=(0, 1, 2)),  # ours: as the base setting
        init_cfg=dict(checkpoint=f'work_dirs/{_expansion}/iter_400000.pth')))
del _expansion
