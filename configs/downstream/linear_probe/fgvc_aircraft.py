"""Linear probe on FGVC-Aircraft: mean per-class accuracy over 100 variants.

3334 / 3333 / 3333 images.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset fgvc_aircraft --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'fgvc_aircraft'
metric = 'mean_per_class'
num_classes = 100
_data = dict(
    type='FGVCAircraft',
    data_root='{{$XLEARNER_DATA:data}}/fgvc-aircraft-2013b',
    pipeline=_base_.pipeline)
splits = dict(
    train=dict(_data, split='train'),
    val=dict(_data, split='val'),
    test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=[
        'fgvc-aircraft-2013b/data/images',
        'fgvc-aircraft-2013b/data/images_variant_train.txt'
    ],
    source='https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/',
    layout='fgvc-aircraft-2013b/data with images/ and '
    'images_variant_{train,val,test}.txt')
