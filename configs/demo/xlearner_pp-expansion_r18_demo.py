"""X-Learner++: the expansion stage with hints (paper Sec. 3.4, Fig. 3b).

The demo's X-Learner, whose sub-backbones also match a teacher per source in
phase 'separate'. Train the five single-source-*_r18_demo.py first. The paper:
Table 2, 77.4 AVG Cls, 84.8 PASCAL Det, 77.5 PASCAL Seg at full scale; not
trained.

    python tools/train.py configs/demo/xlearner_pp-expansion_r18_demo.py
        --work-dir work_dirs/demo/xlearner_pp-expansion_r18_demo
"""
_base_ = ['./xlearner-expansion_r18_demo.py']
model = dict(
    pre_distillation=dict(
        type='PreDistillation',
        teachers={
            _name:
            dict(
                _base_.resnet,
                init_cfg=dict(
                    type='Pretrained',
                    checkpoint=f'work_dirs/demo/single-source-{_name}_r18_demo'
                    '/iter_600.pth'))
            for _name in ('shapes', 'materials', 'parts', 'fabric', 'layout')
        }))
