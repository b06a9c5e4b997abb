"""One source of each task: the sources of MuST without depth (Table 4).

The order of this list is the order of the tasks and of everything computed.
"""
_base_ = [
    '../sources/imagenet.py', '../sources/objects365.py',
    '../sources/coco_stuff.py'
]
sources = [
    dict(_base_.imagenet, batch_size=64),  # ours: 512 of the task on 8 GPUs
    _base_.objects365,
    _base_.coco_stuff
]
