from .heat_maps import (draw_cka, draw_gamma_norms, draw_gradient_conflict,
                        draw_matrix)
from .pictures import to_image, write_picture

__all__ = [
    'draw_cka', 'draw_gamma_norms', 'draw_gradient_conflict', 'draw_matrix',
    'to_image', 'write_picture'
]
