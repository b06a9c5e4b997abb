"""The mm packages, and whether mmcv's operators work here."""
from collections.abc import Iterator

import torch
from mmengine.device import get_device

from ..environment import installed_versions
from .case import Case
from .finding import ERROR, OK, WARNING, Finding
from .looking import walk


def check_versions(case: Case) -> Iterator[Finding]:
    """Load the operators; tell the versions.

    That these are supported was checked by the import of xlearner_mm.
    """
    try:
        from mmcv.ops import get_compiling_cuda_version
    except ImportError as error:
        yield Finding(
            ERROR, 'environment', 'the operators of mmcv do not load: '
            f'{error}', 'install mmcv again, built for this PyTorch '
            f'({torch.__version__}): make env')
        return
    device = get_device()
    if device == 'cuda' and get_compiling_cuda_version() == 'not available':
        yield Finding(
            ERROR if _detects(case) else WARNING, 'environment',
            'mmcv was built without CUDA, so that its operators, which '
            'detectors need, fail on the GPU that is here',
            'install an mmcv that is built for CUDA, or hide the GPU '
            '(CUDA_VISIBLE_DEVICES=)')
    versions = [f'{name} {v}' for name, v in installed_versions().items()]
    yield Finding(
        OK, 'environment',
        ', '.join([f'torch {torch.__version__} on {device}', *versions]))


def _detects(case: Case) -> bool:
    """Whether a part of the config is of mmdet, by its scope or type."""
    cfg = [case.cfg.get(key) for key in ('default_scope', 'model')]
    return any(
        isinstance(value, str) and value.split('.')[0] == 'mmdet'
        for _, value in walk([cfg, case.source_cfgs]))
