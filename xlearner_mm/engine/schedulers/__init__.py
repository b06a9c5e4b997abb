from .fraction_step_lr import FractionStepLR

__all__ = ['FractionStepLR']
