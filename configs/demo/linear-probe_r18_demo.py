"""Linear probe on the demo's unseen classes (paper Sec. 4.2).

Features of the frozen backbone, logistic regression; shapes and materials
that no pre-training source shows. Run by `make demo`.
"""
_base_ = ['./_base_/student.py']
default_scope = 'mmpretrain'
backbone = dict(_base_.resnet, init_cfg=dict(type='Pretrained', checkpoint=''))
data_preprocessor = dict(
    type='ClsDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True)
splits = {
    split:
    dict(
        type='CustomDataset',
        data_root='{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_cls/' +
        split,
        pipeline=[dict(type='LoadImageFromFile'),
                  dict(type='PackInputs')],
        test_mode=True)
    for split in ('train', 'val', 'test')
}
