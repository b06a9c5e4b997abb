"""Linear probe on CIFAR-100: top-1 accuracy over a hundred classes.

50000 / 10000 images; 20 % of each training class choose lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset cifar100 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'cifar100'
metric = 'top1'
num_classes = 100
data_preprocessor = dict(to_rgb=False)  # its arrays are RGB
_data = dict(
    type='CIFAR100',
    data_root='{{$XLEARNER_DATA:data}}/cifar100',
    download=False,
    pipeline=_base_.transform)
splits = dict(train=dict(_data, split='train'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=['cifar100/cifar-100-python'],
    source='https://www.cs.toronto.edu/~kriz/cifar.html',
    layout='cifar100/cifar-100-python with train, test, meta')
