"""Labels that teachers write for a student (MuST, paper Table 4)."""
from .check import check_pseudo_labels
from .formats import LabelFormat, format_of
from .label_folder import LabelFolder, read_json, write_json
from .plan import PseudoLabels, Teacher, source_of
from .stamps import ImageSet, stamps_of

__all__ = [
    'ImageSet', 'LabelFolder', 'LabelFormat', 'PseudoLabels', 'Teacher',
    'check_pseudo_labels', 'format_of', 'read_json', 'source_of', 'stamps_of',
    'write_json'
]
