"""Linear probe on Stanford Cars: top-1 accuracy over 196 models.

8144 / 8041 images; 20 % of each training class choose lambda.
The paper gives only the average of its ten datasets. Not trained.

    python tools/linear_probe.py FILE --dataset stanford_cars --data-root DIR
"""
_base_ = '../_base_/linear_probe.py'
name = 'stanford_cars'
metric = 'top1'
num_classes = 196
_data = dict(
    type='StanfordCars',
    data_root='{{$XLEARNER_DATA:data}}/Stanford_Cars',
    pipeline=_base_.pipeline)
splits = dict(train=dict(_data, split='train'), test=dict(_data, split='test'))
del _data
transfer = dict(
    needs=['Stanford_Cars'],
    source='https://ai.stanford.edu/~jkrause/cars/car_dataset.html',
    layout='Stanford_Cars with car_ims and cars_annos.mat; or with '
    'cars_train, cars_test and devkit, which holds '
    'cars_train_annos.mat and cars_test_annos_withlabels.mat')
