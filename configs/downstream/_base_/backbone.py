"""The pre-trained backbone that all downstream configs start from.

XLEARNER_CKPT=FILE, or --cfg-options checkpoint=FILE with our tools, names its
weights: a bare state dict, such as tools/model_converters/export_backbone.py
writes. XLEARNER_DEPTH and XLEARNER_WIDTH (options depth and width) describe a
network that is no ResNet-50 of width 64.

XLEARNER_NETWORK=FILE (option network), an absolute path, describes an
expanded network, with the same names `resnet` and `channels`. The tools
transfer.py, lr_search.py and linear_probe.py read all of this off the
checkpoint; the first two leave weights and description in their work_dir.
"""
_base_ = '{{$XLEARNER_NETWORK:./resnet.py}}'
custom_imports = dict(imports=['xlearner_mm'])
checkpoint = '{{$XLEARNER_CKPT:XLEARNER_CKPT_is_not_set}}'
resnet = dict(init_cfg=dict(type='Pretrained', checkpoint=checkpoint))
# Weights that do not load stop the run.
custom_hooks = [
    dict(
        type='xlearner_mm.PretrainedCheckHook',
        checkpoint=checkpoint,
        modules=['backbone'])
]
randomness = dict(seed=0)
