from .guidance_layer import GuidanceLayer
from .hint_stages import hinted_outputs
from .pre_distillation import PreDistillation

__all__ = ['GuidanceLayer', 'PreDistillation', 'hinted_outputs']
