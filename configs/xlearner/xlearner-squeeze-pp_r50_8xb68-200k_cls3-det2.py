"""X-Learner++: squeeze.

X-Learner's own, from the teacher that had hints. Aims at AVG Cls 77.4,
PASCAL Det 84.8, PASCAL Seg 77.5 (Tables 2 and 6); CIFAR-100 87.0, PASCAL Det
87.3, PASCAL Seg 78.8, NYU-Depth V2 89.0 (Table 4). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze-pp_r50_8xb68-200k_cls3-det2.py 8
"""
_base_ = './xlearner-squeeze_r50_8xb68-200k_cls3-det2.py'
_expansion = 'xlearner-expansion-pp_r50_8xb68-400k_cls3-det2'
model = dict(
    teacher=dict(
        init_cfg=dict(checkpoint=f'work_dirs/{_expansion}/iter_400000.pth')))
del _expansion
