r"""X-Learner's squeeze stage into a MobileNetV2, on the demo's scenes.

After xlearner-expansion_r18_demo.py, whose checkpoint is the teacher; differs
from xlearner-squeeze_r18_demo.py in the student alone. Ours: the paper's
student is a ResNet like its teachers. Data: `make demo`.

    python tools/train.py \
        configs/demo/xlearner-squeeze_r18-to-mobilenet-v2_demo.py
"""
_base_ = './xlearner-squeeze_r18_demo.py'
model = dict(
    student=dict(
        _delete_=True,
        type='mmpretrain.MobileNetV2',  # its norm_eval is False
        widen_factor=0.5,
        out_indices=(1, 2, 4, 7)),  # strides 4, 8, 16, 32; conv2 is the last
    start_from=None)  # no sub-backbone is a MobileNetV2
