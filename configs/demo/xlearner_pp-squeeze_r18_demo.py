"""X-Learner++'s squeeze stage on the demo's scenes (paper Sec. 3.3, 3.4).

X-Learner's own squeeze, from the teacher that had hints; its guidance layers
of phase 'separate' are left behind. The paper: Table 2, 77.4 AVG Cls, 84.8
PASCAL Det, 77.5 PASCAL Seg at full scale; not trained.

    python tools/train.py configs/demo/xlearner_pp-squeeze_r18_demo.py
        --work-dir work_dirs/demo/xlearner_pp-squeeze_r18_demo
"""
_base_ = ['./xlearner-squeeze_r18_demo.py']
model = dict(
    teacher=dict(
        init_cfg=dict(
            checkpoint='work_dirs/demo/xlearner_pp-expansion_r18_demo/'
            'iter_600.pth')))
