"""Three tasks with two small sources of real photographs each.

The order of this list is the order of the tasks and of everything computed.
"""
_base_ = [
    '../sources/small/cifar10_mini.py', '../sources/small/clothing.py',
    '../sources/small/coco128.py', '../sources/small/raccoon.py',
    '../sources/small/camvid.py', '../sources/small/clothing_parsing.py'
]
sources = [
    _base_.cifar10_mini, _base_.clothing, _base_.coco128, _base_.raccoon,
    _base_.camvid, _base_.clothing_parsing
]
