"""The base setting with three more sources (Sec. 4.1).

The order of this list is the order of the tasks and of everything computed.
"""
_base_ = [
    '../sources/imagenet.py', '../sources/inat2021.py',
    '../sources/places365.py', '../sources/compcars.py',
    '../sources/tsinghua_dogs.py', '../sources/coco.py',
    '../sources/objects365.py', '../sources/wider_face.py'
]
# ours: smaller batches of the first three, so that the task keeps its 512
sources = [
    dict(_base_.imagenet, batch_size=20),
    dict(_base_.inat2021, batch_size=16),
    dict(_base_.places365, batch_size=16), _base_.compcars,
    _base_.tsinghua_dogs, _base_.coco, _base_.objects365, _base_.wider_face
]
