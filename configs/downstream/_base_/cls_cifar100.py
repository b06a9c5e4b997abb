"""CIFAR-100 at 224 px: 50,000 / 10,000 images of 100 classes.

mmpretrain reads them as RGB, so the model's preprocessor leaves the channels.
"""
_dataset = dict(
    type='CIFAR100',
    data_root='{{$XLEARNER_DATA:data}}/cifar100',
    download=False)
_augment = [  # ours: mmpretrain's for CIFAR, at the images' own 32 px
    dict(type='RandomCrop', crop_size=32, padding=4),
    dict(type='RandomFlip', prob=0.5, direction='horizontal')
]
_resize = [
    dict(
        type='Resize',
        scale=(224, 224),  # ours: as the linear probe
        interpolation='bicubic',
        backend='pillow')
]
_pack = [dict(type='PackInputs')]

train_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(_dataset, split='train', pipeline=_augment + _resize + _pack))
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        _dataset, split='test', test_mode=True, pipeline=_resize + _pack))
test_dataloader = val_dataloader
val_evaluator = dict(type='Accuracy', topk=(1, ))
test_evaluator = val_evaluator
transfer = dict(
    metric='accuracy/top1',
    scale=1.0,
    needs=['cifar100/cifar-100-python'],
    source='https://www.cs.toronto.edu/~kriz/cifar.html (python version)',
    layout='cifar100/cifar-100-python with train, test and meta')
del _dataset, _augment, _resize, _pack
