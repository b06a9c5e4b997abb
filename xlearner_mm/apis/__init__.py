from .cli import load_config, run_tool, runner_config, runner_parser
from .export import check_export, export_backbone, extract_backbone

__all__ = [
    'check_export', 'export_backbone', 'extract_backbone', 'load_config',
    'run_tool', 'runner_config', 'runner_parser'
]
