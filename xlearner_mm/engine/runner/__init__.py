from .expansion_train_loop import ExpansionTrainLoop
from .multi_source_eval_loops import MultiSourceTestLoop, MultiSourceValLoop
from .multi_source_train_loop import MultiSourceTrainLoop
from .squeeze_train_loop import SqueezeTrainLoop

__all__ = [
    'ExpansionTrainLoop', 'MultiSourceTestLoop', 'MultiSourceTrainLoop',
    'MultiSourceValLoop', 'SqueezeTrainLoop'
]
