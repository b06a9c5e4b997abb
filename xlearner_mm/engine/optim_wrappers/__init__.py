from .absorbing_optim_wrapper import AbsorbingOptimWrapper

__all__ = ['AbsorbingOptimWrapper']
