"""The base setting with semantic segmentation (Sec. 4.1).

The order of this list is the order of the tasks and of everything computed.
"""
_base_ = [
    '../sources/imagenet.py', '../sources/inat2021.py',
    '../sources/places365.py', '../sources/coco.py',
    '../sources/objects365.py', '../sources/ade20k.py',
    '../sources/coco_stuff.py'
]
sources = [
    _base_.imagenet, _base_.inat2021, _base_.places365, _base_.coco,
    _base_.objects365, _base_.ade20k, _base_.coco_stuff
]
