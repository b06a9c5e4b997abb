"""One source of each task, labelled by teachers on ImageNet's images (MuST).

Labels go below work_dirs, or below XLEARNER_PSEUDO_LABELS.
"""
_base_ = './cls1-det1-seg1.py'
_data = '{{$XLEARNER_DATA:data}}'
_root = '{{$XLEARNER_PSEUDO_LABELS:work_dirs/pseudo_labels}}'
_folder = f'{_root}/must_r152_8xb68-600k_cls1-det1-seg1'
_run = 'must-teachers_r152_8xb68-400k_cls1-det1-seg1'
_cls, _det, _seg = sources = _base_.sources
pseudo_labels = dict(
    data_root=_data,
    images=['imagenet/train'],  # ours: the paper does not say
    folder=_folder,
    score_thr=0.5,  # ours: the paper does not say
    teachers={
        _source['name']:
        dict(
            config=f'{{fileDirname}}/../../baselines/{_run}.py',
            checkpoint=f'work_dirs/{_run}/iter_400000.pth')
        for _source in sources
    })
_cls['train'] = dict(
    type='CustomDataset',
    ann_file=f'{_folder}/imagenet/labels.txt',
    classes=f'{_folder}/imagenet/classes.txt',
    data_prefix=_data,
    pipeline=_cls['train']['pipeline'])
_det['train'].update(
    data_root='',
    ann_file=f'{_folder}/objects365/annotations.json',
    data_prefix=dict(img=_data))
_seg['train'].update(
    data_root='',
    ann_file=f'{_folder}/coco_stuff/images.txt',
    data_prefix=dict(
        img_path=_data, seg_map_path=f'{_folder}/coco_stuff/labels'),
    img_suffix='',
    seg_map_suffix='.png')
