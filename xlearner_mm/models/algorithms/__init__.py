from .expansion_model import ExpansionModel
from .guided_student_model import GuidedStudentModel
from .hard_sharing_model import HardSharingModel
from .multi_source_model import MultiSourceModel
from .pruned_expansion_model import PrunedExpansionModel
from .sharded_data_parallel import ShardedDataParallel
from .squeeze_distiller import SqueezeDistiller
from .task_parts import PerTaskDataParallel

__all__ = [
    'ExpansionModel', 'GuidedStudentModel', 'HardSharingModel',
    'MultiSourceModel', 'PerTaskDataParallel', 'PrunedExpansionModel',
    'ShardedDataParallel', 'SqueezeDistiller'
]
