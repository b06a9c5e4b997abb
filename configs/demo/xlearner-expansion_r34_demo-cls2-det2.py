r"""X-Learner with a deeper network: the expansion stage (paper Table 4).

The demo's stand-in for the paper's ResNet-152: ResNet-34 of width 16, in the
base setting.

The paper, on its own sources: X-Learner_R152 in Table 4.
Here: docs/en/results_small.md. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-expansion_r34_demo-cls2-det2.py
"""
_base_ = './xlearner-expansion_r18_demo-cls2-det2.py'
model = dict(backbone=dict(sub_backbone=dict(depth=34)))
