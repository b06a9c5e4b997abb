"""Images of the demo's four sources as two views each, without labels."""
data_preprocessor = dict(
    type='SelfSupDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True)
_view = [
    dict(type='RandomResizedCrop', scale=64,
         crop_ratio_range=(0.2, 1.0)),  # ours: 0.08 leaves nothing of 64 px
    dict(type='RandomFlip', prob=0.5),
    dict(
        type='RandomApply',
        prob=0.8,
        transforms=[
            dict(  # ours: half of upstream's, and no blur, for small images
                type='ColorJitter',
                brightness=0.4,
                contrast=0.4,
                saturation=0.4,
                hue=0.1)
        ]),
    dict(
        type='RandomGrayscale',
        prob=0.2,
        keep_channels=True,
        channel_weights=(0.114, 0.587, 0.2989))
]
train_dataloader = dict(
    batch_size=160,  # ours: more than the others', for more negatives
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='ConcatDataset',
        datasets=[
            dict(
                type='CustomDataset',
                data_root='{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/' +
                f'{_name}/train',
                with_label=False,
                pipeline=[
                    dict(type='LoadImageFromFile'),
                    dict(type='MultiView', num_views=2, transforms=[_view]),
                    dict(type='PackInputs')
                ]) for _name in ('shapes', 'materials', 'parts', 'fabric')
        ]))
del _view
