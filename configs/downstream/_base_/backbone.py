"""The pre-trained ResNet that all downstream configs start from.

XLEARNER_CKPT=FILE, or --cfg-options checkpoint=FILE with our tools, names its
weights: a bare state dict, such as tools/model_converters/export_backbone.py
writes. XLEARNER_DEPTH and XLEARNER_WIDTH (options depth and width) describe a
network that is no ResNet-50 of width 64; tools/transfer.py and
tools/lr_search.py read both off the file.
"""
custom_imports = dict(imports=['xlearner_mm'])
checkpoint = '{{$XLEARNER_CKPT:XLEARNER_CKPT_is_not_set}}'
depth = int('{{$XLEARNER_DEPTH:50}}')
width = int('{{$XLEARNER_WIDTH:64}}')
channels = [(4 if depth >= 50 else 1) * width * 2**i for i in range(4)]
resnet = dict(
    type='ResNet',
    depth=depth,
    base_channels=width,
    stem_channels=width,
    style='pytorch',
    init_cfg=dict(type='Pretrained', checkpoint=checkpoint))
# Weights that do not load stop the run.
custom_hooks = [
    dict(
        type='xlearner_mm.PretrainedCheckHook',
        checkpoint=checkpoint,
        modules=['backbone'])
]
randomness = dict(seed=0)
