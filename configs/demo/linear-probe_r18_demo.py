"""Linear probe on the demo's unseen classes (paper Sec. 4.2).

Features of the frozen backbone, logistic regression; shapes and materials
that no pre-training source shows. Run by `make demo`, or with any ResNet by
tools/transfer.py CHECKPOINT --suite demo.
"""
_base_ = ['../downstream/_base_/linear_probe.py']
name = 'demo'
metric = 'top1'
num_classes = None  # as many as there are folders
_root = '{{$XLEARNER_DEMO_DATA:work_dirs/demo/data}}/down_cls/'
splits = {
    split:
    dict(
        type='CustomDataset',
        data_root=_root + split,
        pipeline=_base_.load + [dict(type='PackInputs')])  # ours: 64 px as is
    for split in ('train', 'val', 'test')
}
del _root
transfer = dict(
    needs=['down_cls/train', 'down_cls/val', 'down_cls/test'],
    source='`make demo`',
    layout='down_cls/{train,val,test}/CLASS/*.jpg')
