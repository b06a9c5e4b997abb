"""Linear probe on Describable Textures (DTD): top-1 accuracy over 47 classes.

1880 / 1880 / 1880 images (split 1).
Ours: the paper counts ten datasets and names nine; this is the tenth.
Not trained.

    python tools/linear_probe.py FILE --dataset dtd --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'dtd'
metric = 'top1'
num_classes = 47
_data = dict(
    type='DTD',
    data_root='{{$XLEARNER_DATA:data}}/dtd',
    pipeline=_base_.pipeline)
splits = dict(
    train=dict(_data, split='train'),
    val=dict(_data, split='val'),
    test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=['dtd/images', 'dtd/imdb/imdb.mat'],
    source='https://www.robots.ox.ac.uk/~vgg/data/dtd/',
    layout='dtd with images/CLASS/ and imdb/imdb.mat')
