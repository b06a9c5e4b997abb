"""Linear probe on class folders of clothes, at 64 px: top-1 accuracy.

3068 / 341 / 372 photographs of 10 classes; a small set to try things on, no
number of the paper. Not trained.

    python tools/linear_probe.py FILE --dataset clothing --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'clothing'
metric = 'top1'
num_classes = 10
_data = dict(
    type='CustomDataset',
    data_root='{{$XLEARNER_DATA:data}}/cls/clothing',
    pipeline=_base_.load + [
        dict(_base_.transform[0], scale=64),  # ours: for the CPU
        dict(type='CenterCrop', crop_size=64),
        dict(type='PackInputs')
    ])
splits = dict(
    train=dict(_data, data_prefix='train'),
    val=dict(_data, data_prefix='val'),
    test=dict(_data, data_prefix='test'))
del _data
transfer = dict(
    needs=['cls/clothing/train', 'cls/clothing/val', 'cls/clothing/test'],
    source='https://github.com/alexeygrigorev/clothing-dataset-small',
    layout='cls/clothing/{train,val,test}/CLASS/*.jpg')
