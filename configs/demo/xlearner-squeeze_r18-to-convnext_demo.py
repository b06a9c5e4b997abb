r"""X-Learner's squeeze stage into a small ConvNeXt, on the demo's scenes.

After xlearner-expansion_r18_demo.py, whose checkpoint is the teacher; differs
from xlearner-squeeze_r18_demo.py in the student alone. Ours: the paper's
student is a ResNet like its teachers. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-squeeze_r18-to-convnext_demo.py
"""
_base_ = './xlearner-squeeze_r18_demo.py'
model = dict(
    student=dict(
        _delete_=True,
        type='mmpretrain.ConvNeXt',
        arch=dict(depths=(2, 2, 2, 2), channels=(16, 32, 64, 128)),
        out_indices=(1, 2, 3),  # as hinted: each output's norm is trained
        gap_before_final_norm=False),  # maps, no vectors
    start_from=None)  # no sub-backbone is a ConvNeXt
