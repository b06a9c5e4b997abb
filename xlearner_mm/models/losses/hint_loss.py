"""Eq. 3 of the paper: how far a student's feature is from a teacher's.

Shapes: N images, C channels, H x W positions.
"""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS

_REDUCTIONS = ('channel_sum', 'mean', 'sum')


def hint_loss(pred: Tensor,
              target: Tensor,
              reduction: str = 'channel_sum') -> Tensor:
    """Squared L2 distance of two feature maps (paper Eq. 3).

    Ours: the paper leaves the reduction open. `channel_sum` is the squared
    norm of a feature vector, averaged over positions and images.

    Args:
        pred: Guided student feature G^t(F-hat), (N, C, H, W).
        target: Teacher feature F^t, (N, C, H, W); no gradient reaches it.
        reduction: 'channel_sum' sums over C and averages over N, H, W;
            'mean' averages over all elements; 'sum' sums over C, H, W and
            averages over N.

    Returns:
        A scalar >= 0, in float32 or the inputs' higher precision.

    Example:
        >>> import torch
        >>> hint_loss(torch.zeros(2, 3, 4, 5), torch.ones(2, 3, 4, 5))
        tensor(3.)
    """
    if pred.dtype in (torch.float16, torch.bfloat16):
        pred = pred.float()
    mean = F.mse_loss(pred, target.detach().to(pred.dtype))
    if reduction == 'mean':
        return mean
    if reduction == 'channel_sum':
        return mean * pred.shape[1]
    return mean * pred[0].numel()


@MODELS.register_module()
class HintLoss(nn.Module):
    """Eq. 3 of the paper as a module; see :func:`hint_loss`.

    Args:
        reduction: 'channel_sum' (default), 'mean' or 'sum'.
        loss_weight: Factor of the loss.

    Raises:
        UserError: The reduction is unknown.
    """

    def __init__(self,
                 reduction: str = 'channel_sum',
                 loss_weight: float = 1.0) -> None:
        super().__init__()
        if reduction not in _REDUCTIONS:
            raise UserError(f'HintLoss: reduction={reduction!r}; choose from '
                            f'{_REDUCTIONS}')
        self.reduction = reduction
        self.loss_weight = loss_weight

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Return the weighted loss of (N, C, H, W) features, a scalar."""
        return self.loss_weight * hint_loss(pred, target, self.reduction)
