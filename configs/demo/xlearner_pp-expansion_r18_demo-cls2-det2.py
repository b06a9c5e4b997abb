r"""X-Learner++: the expansion stage with hints (paper Sec. 3.4, Fig. 3b).

X-Learner, whose sub-backbones also match a teacher per source in phase
'separate': single-source-{shapes,materials,parts,fabric}_r18_demo.py.

The paper: 77.4 (AVG Cls) and 84.8 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_pp-expansion_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo-cls2-det2.py'
model = dict(
    pre_distillation=dict(
        type='PreDistillation',
        teachers={
            _name:
            dict(
                _base_.resnet,
                init_cfg=dict(
                    type='Pretrained',
                    checkpoint=f'work_dirs/single-source-{_name}_r18_demo/'
                    'iter_760.pth'))
            for _name in ('shapes', 'materials', 'parts', 'fabric')
        }))
