"""Linear probe on CIFAR-10: top-1 accuracy over ten classes.

50000 / 10000 images; 20 % of each training class choose lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset cifar10 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'cifar10'
metric = 'top1'
num_classes = 10
data_preprocessor = dict(to_rgb=False)  # its arrays are RGB
_data = dict(
    type='CIFAR10',
    data_root='{{$XLEARNER_DATA:data}}/cifar10',
    download=False,
    pipeline=_base_.transform)
splits = dict(train=dict(_data, split='train'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=['cifar10/cifar-10-batches-py'],
    source='https://www.cs.toronto.edu/~kriz/cifar.html',
    layout='cifar10/cifar-10-batches-py with data_batch_1 to '
    'data_batch_5, test_batch, batches.meta')
