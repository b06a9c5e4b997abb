"""Linear probe on Oxford-IIIT Pets: mean per-class accuracy over 37 breeds.

3680 / 3669 images; 20 % of each training class choose lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset oxford_pets --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'oxford_pets'
metric = 'mean_per_class'
num_classes = 37
_data = dict(
    type='OxfordIIITPet',
    data_root='{{$XLEARNER_DATA:data}}/Oxford-IIIT_Pets',
    pipeline=_base_.pipeline)
splits = dict(
    train=dict(_data, split='trainval'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=[
        'Oxford-IIIT_Pets/images', 'Oxford-IIIT_Pets/annotations/trainval.txt',
        'Oxford-IIIT_Pets/annotations/test.txt'
    ],
    source='https://www.robots.ox.ac.uk/~vgg/data/pets/',
    layout='Oxford-IIIT_Pets with images/ and annotations/')
