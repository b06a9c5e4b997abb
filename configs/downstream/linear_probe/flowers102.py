"""Linear probe on Oxford 102 Flowers: mean per-class accuracy.

1020 / 1020 / 6149 images.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset flowers102 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'flowers102'
metric = 'mean_per_class'
num_classes = 102
_data = dict(
    type='Flowers102',
    data_root='{{$XLEARNER_DATA:data}}/Flowers102',
    pipeline=_base_.pipeline)
splits = dict(
    train=dict(_data, split='train'),
    val=dict(_data, split='val'),
    test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=[
        'Flowers102/jpg', 'Flowers102/imagelabels.mat', 'Flowers102/setid.mat'
    ],
    source='https://www.robots.ox.ac.uk/~vgg/data/flowers/102/',
    layout='Flowers102 with jpg/, imagelabels.mat and setid.mat')
