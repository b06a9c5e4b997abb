from .loading import (build_eval_loaders, build_train_loader,
                      dead_workers_explained, multi_source_collate)
from .multi_source_batch_sampler import MultiSourceBatchSampler
from .multi_source_dataset import Draw, MultiSourceDataset

__all__ = [
    'Draw', 'MultiSourceBatchSampler', 'MultiSourceDataset',
    'build_eval_loaders', 'build_train_loader', 'dead_workers_explained',
    'multi_source_collate'
]
