"""Sources of the paper's Table 1 that upstream has no dataset class for.

They build on mmpretrain's, which `import xlearner_mm` leaves unloaded; the
registry loads them when a config names one: `type='xlearner_mm.Places365'`.
"""
from .class_path_list import ClassPathList, CompCars, TsinghuaDogs
from .image_list import ImageList, LabelledImageList
from .inat2021 import INat2021
from .places365 import Places365

__all__ = [
    'ClassPathList', 'CompCars', 'INat2021', 'ImageList', 'LabelledImageList',
    'Places365', 'TsinghuaDogs'
]
