"""Linear probe on SUN397: top-1 accuracy over 397 scenes.

19850 / 19850 images (partition 01); 20 % of each training class choose
lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset sun397 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'sun397'
metric = 'top1'
num_classes = 397
_data = dict(
    type='SUN397',
    data_root='{{$XLEARNER_DATA:data}}/SUN397',
    pipeline=_base_.pipeline)
splits = dict(train=dict(_data, split='train'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=[
        'SUN397/SUN397', 'SUN397/Partitions/Training_01.txt',
        'SUN397/Partitions/Testing_01.txt'
    ],
    source='https://vision.princeton.edu/projects/2010/SUN/',
    layout='SUN397 with SUN397/LETTER/CLASS/ and Partitions')
