"""What is wrong with a config, before anything is trained."""
from .batches import processes_in_name
from .examination import CHECKS, examine, refuse_mistakes
from .finding import ERROR, Finding, as_page, with_level

__all__ = [
    'CHECKS', 'ERROR', 'Finding', 'as_page', 'examine', 'processes_in_name',
    'refuse_mistakes', 'with_level'
]
