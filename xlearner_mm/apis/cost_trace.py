"""What one forward pass of a network costs.

Shapes: an image is (1, 3, H, W).
"""
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from mmengine.analysis import FlopAnalyzer
from torch import Tensor, nn


class Complexity(NamedTuple):
    """What one network costs.

    Args:
        network: Its name.
        params: Parameters that a forward pass reads.
        nonzero: Those that are not zero, pruned ones counting as zero; None
            where that is not known without trained weights.
        flops: Of one image, a multiply-add counting as one.
    """

    network: str
    params: int
    nonzero: int | None
    flops: int


class Trace(nn.Module):
    """One forward pass of a network, and what took part in it.

    Args:
        net: The network.
        run: The pass: called with an image (1, 3, H, W), puts out tensors.
        shape: (H, W) of the image, in pixels.
    """

    def __init__(self, net: nn.Module, run: Callable[[Tensor], object],
                 shape: tuple[int, int]) -> None:
        super().__init__()
        self.net = net
        self._run = run
        with torch.no_grad(), _calls(net) as self._called:
            analyzer = FlopAnalyzer(self, (torch.rand(1, 3, *shape), ))
            analyzer.unsupported_ops_warnings(False)
            analyzer.uncalled_modules_warnings(False)
            self._flops = analyzer.tracer_warnings('none').by_module()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Run the pass on an image (1, 3, H, W)."""
        return tuple(_tensors(self._run(x)))

    def cost(self, network: str, below: str = '') -> Complexity:
        """Add up the pass, or its part in one submodule.

        Args:
            network: The name to give it.
            below: Name of the submodule.
        """
        whole = self.net.get_submodule(below)
        used = [m for m in whole.modules() if m in self._called]
        return Complexity(
            network,
            sum(p.numel() for m in used for p in m.parameters(recurse=False)),
            sum(map(_nonzero, used)),
            int(self._flops[f'net.{below}'.rstrip('.')]))


@contextmanager
def _calls(net: nn.Module) -> Iterator[set[nn.Module]]:
    """Collect the modules that are called meanwhile."""
    called: set[nn.Module] = set()
    handles = [
        module.register_forward_hook(lambda m, *_: called.add(m))
        for module in net.modules()
    ]
    try:
        yield called
    finally:
        for handle in handles:
            handle.remove()


def _nonzero(module: nn.Module) -> int:
    """Count the weights of a module itself that act, masks applied."""
    masks = dict(module.named_buffers(recurse=False))
    total = 0
    for name, p in module.named_parameters(recurse=False):
        mask = masks.get(f'{name.removesuffix("_orig")}_mask')
        total += int((p if mask is None else p * mask).count_nonzero())
    return total


def _tensors(out: object) -> Iterator[Tensor]:
    """Flatten what a pass puts out, as tracing needs it."""
    if isinstance(out, Tensor):
        yield out
    else:
        for item in out.values() if isinstance(out, Mapping) else out:
            yield from _tensors(item)
