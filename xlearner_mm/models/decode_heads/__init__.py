"""Heads that build on mmseg's, which `import xlearner_mm` leaves unloaded.

A config names one by its whole path, which loads it when it is built,
`type='xlearner_mm.models.decode_heads.FPNDepthHead'`, or imports them:
`custom_imports = dict(imports=['xlearner_mm.models.decode_heads'])`.
"""
from .fpn_depth_head import FPNDepthHead, keep_known

__all__ = ['FPNDepthHead', 'keep_known']
