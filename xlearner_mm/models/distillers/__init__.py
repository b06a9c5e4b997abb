from .guidance_layer import GuidanceLayer
from .hint_stages import positions_of
from .pre_distillation import PreDistillation

__all__ = ['GuidanceLayer', 'PreDistillation', 'positions_of']
