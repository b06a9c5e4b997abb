r"""MuST in the demo's base setting (paper Sec. 4.3, Table 4).

Each single-source-*_r18_demo.py, trained first, labels all training images;
hard-sharing on these labels follows. Paper: Table 4. Results: docs/en.

    python tools/pseudo_label.py configs/demo/must_r18_demo-cls2-det2.py
    python tools/train.py configs/demo/must_r18_demo-cls2-det2.py
"""
_base_ = './hard-sharing_r18_demo-cls2-det2.py'
_data = '{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}'
_root = '{{$XLEARNER_PSEUDO_LABELS:work_dirs/pseudo_labels}}'
sources = _base_.sources
pseudo_labels = dict(
    data_root=_data,
    images=[f'{_source["name"]}/train' for _source in sources],
    folder=f'{_root}/must_r18_demo-cls2-det2',
    teachers={})
for _source in sources:
    _run = f'single-source-{_source["name"]}_r18_demo'
    pseudo_labels['teachers'][_source['name']] = dict(
        config=f'{{fileDirname}}/{_run}.py',
        checkpoint=f'work_dirs/{_run}/iter_760.pth',
        # ours: at 0.5 these detectors leave 43 boxes of 12,000 images
        score_thr=dict(cls=0.5, det=0.3)[_source['task']])
    _labels = f'{pseudo_labels["folder"]}/{_source["name"]}'
    _source['train'].update(
        dict(
            cls=dict(
                ann_file=f'{_labels}/labels.txt',
                classes=f'{_labels}/classes.txt',
                data_prefix=_data),
            det=dict(
                ann_file=f'{_labels}/annotations.json',
                data_prefix=dict(img=_data),
                filter_cfg=dict(filter_empty_gt=True)))[_source['task']],
        data_root='')
model = dict(sources=sources)
train_dataloader = dict(sources=sources)
val_dataloader = dict(sources=sources)
val_evaluator = dict(sources=sources)
