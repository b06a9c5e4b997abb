"""Which of a network's outputs is the feature of a stage."""
from collections.abc import Sequence
from typing import NamedTuple

from torch import nn

from ...errors import UserError
from ..backbones.families import family_of
from ..backbones.trial import trial_outputs


class StageOutput(NamedTuple):
    """The output of a stage: its place in the tuple, and its channels."""

    position: int
    channels: int


def hinted_outputs(net: nn.Module, hint_stages: Sequence[int],
                   label: str) -> dict[int, StageOutput]:
    """Find the outputs of some stages by a trial run.

    Args:
        net: An upstream backbone.
        hint_stages: Stages 0..3 whose features are to be matched.
        label: The network's name, for the error.

    Raises:
        UserError: The network does not put out all of them, or no maps.
    """
    stages = family_of(net).out_stages(net)
    found = {
        stage: StageOutput(position, spec.channels)
        for position, (
            stage,
            spec) in enumerate(zip(stages, trial_outputs(net), strict=True))
    }
    missing = sorted(set(hint_stages) - set(found))
    if missing:
        raise UserError(
            f"hint_stages={tuple(hint_stages)}: '{label}' does not put out "
            f'the stages {missing}, only {tuple(found)}; add them to its '
            f'out_indices {tuple(getattr(net, "out_indices", ()))}')
    return {stage: found[stage] for stage in hint_stages}
