from .hint_loss import HintLoss, hint_loss

__all__ = ['HintLoss', 'hint_loss']
