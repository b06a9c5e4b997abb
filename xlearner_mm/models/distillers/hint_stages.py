"""Which of a network's outputs is the feature of a stage."""
from collections.abc import Sequence

from torch import nn

from ...errors import UserError


def positions_of(net: nn.Module, hint_stages: Sequence[int],
                 label: str) -> dict[int, int]:
    """Map each stage to its place in a ResNet's output tuple.

    Args:
        net: An upstream ResNet.
        hint_stages: Stages 0..3 whose features are to be matched.
        label: The network's name, for the error.

    Raises:
        UserError: The network does not put out all of them.
    """
    missing = sorted(set(hint_stages) - set(net.out_indices))
    if missing:
        raise UserError(
            f"hint_stages={tuple(hint_stages)}: '{label}' does not put out "
            f'the stages {missing}; add them to its out_indices '
            f'{tuple(net.out_indices)}')
    return {stage: n for n, stage in enumerate(net.out_indices)}
