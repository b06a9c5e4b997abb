r"""Squeeze of ResNet-50s into a ResNet-18, base setting.

After xlearner-expansion_r50_8xb68-400k_cls3-det2.py; differs from the squeeze
into a ResNet-50, of Table 2, in the student alone. Ours: no number of the
paper's to aim at. Not trained.

    bash tools/dist_train.sh \
        configs/xlearner/xlearner-squeeze_r50-to-r18_8xb68-200k_cls3-det2.py 8
"""
_base_ = './xlearner-squeeze_r50_8xb68-200k_cls3-det2.py'
model = dict(student=dict(depth=18))
