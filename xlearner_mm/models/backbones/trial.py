"""What a backbone puts out, found by a trial run."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ...errors import UserError
from ..necks import FeatureSpec

#: Side of the trial image in pixels, a multiple of all strides.
SIDE = 128


def trial_image(net: nn.Module) -> Tensor:
    """Return an image, (1, 3, 128, 128), that needs no random numbers."""
    device = next(net.parameters()).device
    x = torch.linspace(-1, 1, 3 * SIDE * SIDE, device=device)
    return x.view(1, 3, SIDE, SIDE)


def trial_outputs(net: nn.Module) -> list[FeatureSpec]:
    """Find channels and stride of each output of a backbone.

    Args:
        net: Any upstream backbone.

    Raises:
        UserError: An output is no feature map.
    """
    with frozen_pass(net):
        return [spec_of(net, out) for out in net(trial_image(net))]


def untrained(net: nn.Module, positions: Sequence[int]) -> list[str]:
    """Name the parameters that some outputs do not depend on.

    Parameters that are frozen are left out.

    Args:
        net: Any upstream backbone, before training: gradients are dropped.
        positions: Places of these outputs in its tuple.
    """
    params = {n: p for n, p in net.named_parameters() if p.requires_grad}
    with frozen_pass(net), torch.enable_grad():
        outs = net(trial_image(net))
        sum(outs[i].sum() for i in positions).backward()
    idle = [name for name, p in params.items() if p.grad is None]
    net.zero_grad(set_to_none=True)
    return idle


def spec_of(net: nn.Module, feature: Tensor) -> FeatureSpec:
    """Return channels and stride of a feature of the trial image.

    Raises:
        UserError: It is no map, (1, C, H, W).
    """
    if feature.ndim != 4:
        raise UserError(
            f'{type(net).__name__} puts out {tuple(feature.shape)} where a '
            'map (N, C, H, W) is needed; of a ConvNeXt, set '
            'gap_before_final_norm=False')
    return FeatureSpec(feature.shape[1], SIDE // feature.shape[-1])


@contextmanager
def frozen_pass(net: nn.Module) -> Iterator[None]:
    """Run a network in evaluation mode and without autograd, then restore.

    Autocast's cache of cast weights is off meanwhile: a copy made without
    autograd would be used by the network's own pass, which would then get no
    gradient.
    """
    modes = [(module, module.training) for module in net.modules()]
    cache = torch.is_autocast_cache_enabled()
    try:
        for module, _ in modes:
            module.training = False
        torch.set_autocast_cache_enabled(False)
        with torch.no_grad():
            yield
    finally:
        torch.set_autocast_cache_enabled(cache)
        for module, training in modes:
            module.training = training
