from ..checkpoint_files import add_trust
from .analysis import (picture_cka, picture_gamma_norms,
                       picture_gradient_conflict)
from .cli import (VARIABLES, init_processes, load_config, run_tool,
                  runner_config, runner_parser)
from .complexity import as_table, complexity
from .cost_trace import Complexity
from .deploy import deploy_backbone
from .export import check_export, export_backbone, extract_backbone
from .multi_task_inferencer import MultiTaskInferencer
from .neck import export_neck
from .networks import image_files
from .plain import (NoResNet, ResNetShape, load_pretrained, read_backbone,
                    shape_of, write_plain)
from .pretrained import backbone_variables, expanded_in, write_backbone
from .pseudo_labels import write_pseudo_labels

__all__ = [
    'Complexity', 'MultiTaskInferencer', 'NoResNet', 'ResNetShape',
    'VARIABLES', 'add_trust', 'as_table', 'backbone_variables', 'check_export',
    'complexity', 'deploy_backbone', 'expanded_in', 'export_backbone',
    'export_neck', 'extract_backbone', 'image_files', 'init_processes',
    'load_config', 'load_pretrained', 'picture_cka', 'picture_gamma_norms',
    'picture_gradient_conflict', 'read_backbone', 'run_tool', 'runner_config',
    'runner_parser', 'shape_of', 'write_backbone', 'write_plain',
    'write_pseudo_labels'
]
