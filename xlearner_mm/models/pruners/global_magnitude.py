"""Global unstructured magnitude pruning (paper Sec. 3.4, reference [78]).

One threshold over the weights of all convolutions, one shot. A masked
convolution holds `weight_orig` (what the optimizer trains) and `weight_mask`
(1 kept, 0 pruned) in place of `weight`, as `torch.nn.utils.prune` names them;
before each pass `weight` becomes their product. So what is pruned stays zero
whatever an optimizer does, and gets no gradient.
"""
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from ...errors import UserError

ORIG, MASK = 'weight_orig', 'weight_mask'


def convolutions(net: nn.Module) -> dict[str, nn.Conv2d]:
    """Name what is pruned: normalisation layers and biases are not."""
    return {n: m for n, m in net.named_modules() if isinstance(m, nn.Conv2d)}


def num_weights(net: nn.Module) -> int:
    """Count the weights of all convolutions, masked or not."""
    return sum(conv.weight.numel() for conv in convolutions(net).values())


def kept_weights(net: nn.Module) -> int:
    """Count the convolution weights that are not zero, of a masked net."""
    return sum(
        int((conv.weight_orig * conv.weight_mask).count_nonzero())
        for conv in convolutions(net).values())


def resolve_budget(budget: int | float | None, total: int,
                   default: int) -> int:
    """Turn a parameter budget into a number of weights.

    Args:
        budget: How many convolution weights are kept: a number >= 1 of them
            as an int, a fraction in (0, 1] of `total` as a float, or None.
        total: How many there are.
        default: How many None stands for.

    Raises:
        UserError: That is none of them, or more than there are.

    Example:
        >>> resolve_budget(0.25, 1000, 500), resolve_budget(None, 1000, 500)
        (250, 500)
    """
    if budget is None:
        return default
    number = (
        round(budget * total) if isinstance(budget, float) else int(budget))
    if not 1 <= number <= total:
        raise UserError(
            f'PrunedExpandedResNet: budget={budget!r} keeps {number} of the '
            f'{total} convolution weights; give a whole number from 1 to '
            f'{total}, a fraction such as 0.5, or None for as many as one '
            'sub-backbone has')
    return number


def attach_masks(net: nn.Module) -> None:
    """Give every convolution a mask of ones, which changes no output."""
    for conv in convolutions(net).values():
        prune.identity(conv, 'weight')


def prune_globally(net: nn.Module, budget: int) -> None:
    """Keep the `budget` weights of largest magnitude, set the rest to zero.

    Ours: of weights equal to the threshold, as many are kept as fit the
    budget, whichever `torch.topk` puts first. `weight_orig` is set to zero
    as well: without gradient, momentum and decay leave it there.

    Args:
        net: A network with masks (:func:`attach_masks`).
        budget: How many weights stay, of those with a mask of one.
    """
    convs = list(convolutions(net).values())
    with torch.no_grad():
        for conv in convs:  # after a load or a move it is not up to date
            conv.weight = conv.weight_orig * conv.weight_mask
        left = sum(int(conv.weight_mask.sum()) for conv in convs)
        prune.global_unstructured([(conv, 'weight') for conv in convs],
                                  prune.L1Unstructured,
                                  amount=left - budget)
        for conv in convs:
            conv.weight_orig.mul_(conv.weight_mask)


def add_masks(state: dict[str, Tensor], names: Iterable[str]) -> None:
    """Turn a state dict without masks into one with masks of ones.

    Args:
        state: Changed in place; entries with masks stay as they are.
        names: The convolutions, as the state dict names them.
    """
    for name in names:
        weight = state.pop(f'{name}.weight', None)
        if weight is not None:
            state[f'{name}.{ORIG}'] = weight
            state[f'{name}.{MASK}'] = torch.ones_like(weight)


def without_masks(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn a state dict with masks into one of the same net without.

    Returns:
        Ordinary names; pruned weights are zeros.
    """
    plain = {}
    for key, value in state.items():
        if key.endswith(f'.{ORIG}'):
            mask = state[key[:-len(ORIG)] + MASK]
            plain[key[:-len(ORIG)] + 'weight'] = value * mask
        elif not key.endswith(f'.{MASK}'):
            plain[key] = value
    return plain
