from .chain import Chain, Run, images_seen, pretrain
from .measure import measure
from .run import Systems
from .table import SYSTEMS, System

__all__ = [
    'Chain', 'Run', 'SYSTEMS', 'System', 'Systems', 'images_seen', 'measure',
    'pretrain'
]
