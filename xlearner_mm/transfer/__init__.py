from .launching import Diverged, start
from .lr_search import search
from .probing import probe
from .report import write_report
from .run import Transfer, named_files
from .stages import Stage, digest
from .suite import Suite, Task, missing_data
from .training import train

__all__ = [
    'Diverged', 'Stage', 'Suite', 'Task', 'Transfer', 'digest', 'missing_data',
    'named_files', 'probe', 'search', 'start', 'train', 'write_report'
]
