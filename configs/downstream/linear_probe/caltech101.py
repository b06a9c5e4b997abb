"""Linear probe on Caltech-101: mean per-class accuracy over 102 classes.

30 images per class, 20 % of them to choose lambda; the rest is for testing.
Ours: the split; the lists that mmpretrain gives for it overlap.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset caltech101 --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'caltech101'
metric = 'mean_per_class'
num_classes = 102
splits = dict(
    train=dict(
        type='CustomDataset',  # classes: the folders in ascending order
        data_root='{{$XLEARNER_DATA:data}}/caltech-101/101_ObjectCategories',
        pipeline=_base_.pipeline))
train_per_class = 30
transfer = dict(
    needs=['caltech-101/101_ObjectCategories/BACKGROUND_Google'],
    source='https://data.caltech.edu/records/mzrjq-6wc02',
    layout='caltech-101/101_ObjectCategories with 102 class folders, '
    'BACKGROUND_Google among them')
