"""The learning-rate schedule of the paper (Sec. 4.1), for any K."""
from mmengine.optim import MultiStepLR

from ...errors import UserError
from ...registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class FractionStepLR(MultiStepLR):
    """Multiply the learning rate once, at a fraction of all iterations.

    The paper decays "with factors 0.5, 0.2 and 0.1 at 50%, 70% and 90% of the
    total iterations": three of these, chained, since the factors multiply.

    Args:
        optimizer: The optimizer or its wrapper.
        fraction: Of `end`, in [0, 1].
        gamma: The factor.
        end: K; MMEngine's runner fills in the run's iterations (epochs where
            `by_epoch` is True, which is the default as everywhere there).
        **kwargs: See MMEngine's MultiStepLR.

    Raises:
        UserError: `fraction` is not in [0, 1].

    Example:
        >>> import torch
        >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        >>> schedule = FractionStepLR(optimizer, 0.5, gamma=0.1, end=4,
        ...                           by_epoch=False)
        >>> for _ in range(3):
        ...     optimizer.step()
        ...     schedule.step()
        >>> optimizer.param_groups[0]['lr']
        0.1
    """

    def __init__(self, optimizer, fraction: float, gamma: float, end: int,
                 **kwargs) -> None:
        if not 0 <= fraction <= 1:
            raise UserError(f'FractionStepLR: fraction={fraction}; give a '
                            'share of the run in [0, 1], e.g. 0.5')
        super().__init__(
            optimizer,
            milestones=[round(fraction * end)],
            gamma=gamma,
            end=end,
            **kwargs)
