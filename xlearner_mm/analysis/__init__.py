from .cka import cka_by_stage, linear_cka, unbiased_hsic
from .gamma_norms import gamma_norms, mean_gamma_norms, relative_norm
from .gradient_conflict import (Conflict, cosine_matrix, gradient_conflict,
                                source_gradients)
from .history import GAMMA_NORM, GRADIENT_COSINE, History, read_history

__all__ = [
    'Conflict', 'GAMMA_NORM', 'GRADIENT_COSINE', 'History', 'cka_by_stage',
    'cosine_matrix', 'gamma_norms', 'gradient_conflict', 'linear_cka',
    'mean_gamma_norms', 'read_history', 'relative_norm', 'source_gradients',
    'unbiased_hsic'
]
