"""X-Learner++: expansion with hints of single-source teachers (Sec. 3.4).

Train the five configs/baselines/single-source_* first. Aims at ImageNet 77.2,
iNat2021 80.4, Places 54.6, COCO 40.1, Objects365 22.4 (Table 6). Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-expansion-pp_r50_8xb68-400k_cls3-det2.py 8
"""
_base_ = './xlearner-expansion_r50_8xb68-400k_cls3-det2.py'
_runs = dict(
    imagenet='8xb64-225k_imagenet/iter_225000',
    inat2021='8xb64-225k_inat2021/iter_225000',
    places365='8xb64-225k_places365/iter_225000',
    coco='8xb4-200k_coco/iter_200000',
    objects365='8xb4-200k_objects365/iter_200000')
model = dict(
    pre_distillation=dict(
        type='PreDistillation',  # paper: Sec. 3.4
        teachers={
            _name:
            dict(
                _base_.resnet,
                init_cfg=dict(
                    type='Pretrained',
                    checkpoint=f'work_dirs/single-source_r50_{_run}.pth'))
            for _name, _run in _runs.items()
        }))
del _runs
