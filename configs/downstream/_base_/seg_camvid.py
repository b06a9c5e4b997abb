"""CamVid street scenes, 367 / 101 images, 11 classes; with Semantic FPN."""
_base_ = ['./backbone.py', '../../_base_/sources/small/camvid.py']
_source = _base_.camvid
model = dict(_source.model, backbone=dict(_base_.resnet, norm_eval=False))
model['neck'] = dict(model['neck'], in_channels=_base_.channels)

train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=_source.train)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=_source.val)
test_dataloader = val_dataloader
val_evaluator = _source.evaluator
test_evaluator = val_evaluator
transfer = dict(
    metric='mIoU',
    scale=1.0,
    needs=[
        f'seg/camvid/{part}/{split}' for part in ('img_dir', 'ann_dir')
        for split in ('train', 'val')
    ],
    source='http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/',
    layout='seg/camvid with img_dir/{train,val}/*.jpg and '
    'ann_dir/{train,val}/*.png, indices 0 to 10, 255 ignored')
del _source
