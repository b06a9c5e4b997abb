r"""X-Learner++'s squeeze stage on the demo's scenes (paper Sec. 3.3, 3.4).

X-Learner's own squeeze, from the expansion that had hints; its guidance
layers of phase 'separate' are left behind.

The paper: 77.4 (AVG Cls) and 84.8 (PASCAL Det), Table 6.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner_pp-squeeze_r18_demo-cls2-det2.py
"""
_base_ = './xlearner-squeeze_r18_demo-cls2-det2.py'
model = dict(
    teacher=dict(
        init_cfg=dict(
            checkpoint='work_dirs/xlearner_pp-expansion_r18_demo-cls2-det2/'
            'iter_760.pth')))
