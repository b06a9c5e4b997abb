from .guidance_layer import GuidanceLayer

__all__ = ['GuidanceLayer']
