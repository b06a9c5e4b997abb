"""Linear probe on any folder of class folders: top-1 accuracy.

DIR holds train/CLASS/ and test/CLASS/, and may hold val/CLASS/; without it,
20 % of each training class choose lambda. No number of the paper.

    python tools/linear_probe.py FILE --dataset class_folders --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'class_folders'
metric = 'top1'
num_classes = None  # as many as train has folders
_data = dict(
    type='CustomDataset',
    data_root='{{$XLEARNER_DATA:data}}',
    pipeline=_base_.pipeline)
splits = dict(
    train=dict(_data, data_prefix='train'),
    val=dict(_data, data_prefix='val'),
    test=dict(_data, data_prefix='test'))
optional = ['val']  # left out where its folder is missing
del _data
transfer = dict(
    needs=['train', 'test'],
    source='your own photographs',
    layout='{train,test}/CLASS/IMAGE, and val/CLASS/IMAGE if there is a val')
