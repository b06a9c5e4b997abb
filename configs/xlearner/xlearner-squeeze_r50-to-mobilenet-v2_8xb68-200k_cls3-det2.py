r"""Squeeze of ResNet-50s into a MobileNetV2, base setting.

After xlearner-expansion_r50_8xb68-400k_cls3-det2.py; differs from the squeeze
into a ResNet-50, of Table 2, in the student alone. Ours: no number of the
paper's to aim at. Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze_r50-to-mobilenet-v2_8xb68-200k_cls3-det2.py 8
"""  # noqa: E501
_base_ = './xlearner-squeeze_r50_8xb68-200k_cls3-det2.py'
model = dict(
    student=dict(
        _delete_=True,
        type='mmpretrain.MobileNetV2',  # its norm_eval is False
        out_indices=(1, 2, 4, 7)))  # strides 4, 8, 16, 32; conv2 is the last
