from .cache import cached, digest_dataset, digest_weights
from .datasets import ProbeDataset
from .features import AMP_TYPES, pooled_features
from .fitting import Fit, fit
from .probe import L2_GRID, ProbeResult, sweep
from .scores import SCORES, mean_per_class, top1
from .splits import hold_out, per_class

__all__ = [
    'AMP_TYPES', 'Fit', 'L2_GRID', 'ProbeDataset', 'ProbeResult', 'SCORES',
    'cached', 'digest_dataset', 'digest_weights', 'fit', 'hold_out',
    'mean_per_class', 'per_class', 'pooled_features', 'sweep', 'top1'
]
