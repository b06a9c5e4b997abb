from .cli import load_config, plain_errors
from .export import check_export, export_backbone, extract_backbone

__all__ = [
    'check_export', 'export_backbone', 'extract_backbone', 'load_config',
    'plain_errors'
]
