from .features import pooled_features
from .probe import L2_GRID, ProbeResult, linear_probe

__all__ = ['L2_GRID', 'ProbeResult', 'linear_probe', 'pooled_features']
