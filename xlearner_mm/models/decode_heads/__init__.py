"""Heads that build on mmseg's, which `import xlearner_mm` leaves unloaded.

A config that uses one imports them:
`custom_imports = dict(imports=['xlearner_mm.models.decode_heads'])`.
"""
from .fpn_depth_head import FPNDepthHead, keep_known

__all__ = ['FPNDepthHead', 'keep_known']
