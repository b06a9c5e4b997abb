"""Linear probe on Food-101: top-1 accuracy over 101 dishes.

75750 / 25250 images; 20 % of each training class choose lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset food101 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'food101'
metric = 'top1'
num_classes = 101
_data = dict(
    type='Food101',
    data_root='{{$XLEARNER_DATA:data}}/food-101',
    pipeline=_base_.pipeline)
splits = dict(train=dict(_data, split='train'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=[
        'food-101/images', 'food-101/meta/train.txt', 'food-101/meta/test.txt'
    ],
    source='https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/',
    layout='food-101 with images/CLASS/NUMBER.jpg and meta')
