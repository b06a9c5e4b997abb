from .curves import plot_runs
from .heat_maps import (draw_cka, draw_gamma_norms, draw_gradient_conflict,
                        draw_matrix)
from .pictures import to_image, write_picture
from .report import write_report
from .run_log import RunLog, read_run

__all__ = [
    'RunLog', 'draw_cka', 'draw_gamma_norms', 'draw_gradient_conflict',
    'draw_matrix', 'plot_runs', 'read_run', 'to_image', 'write_picture',
    'write_report'
]
