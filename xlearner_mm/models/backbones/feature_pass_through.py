"""What stands in a head model where its backbone would be."""
from collections.abc import Callable

from mmengine.model import BaseModule
from torch import Tensor

from ...registry import MODELS

Features = tuple[Tensor, ...]


@MODELS.register_module()
class FeaturePassThrough(BaseModule):
    """Backbone of a head model whose features are computed outside.

    Upstream models call `backbone(x)` themselves. In training they are handed
    the tuple of features in the place of images, in prediction images (mmseg
    cuts windows out of them), from which the features are computed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._extract: Callable[[Tensor], Features] | None = None

    def connect(self, extract: Callable[[Tensor], Features]) -> None:
        """Say how features are computed from images.

        Args:
            extract: From images (N, 3, H, W) to a tuple of features. A bound
                method of the network: held unregistered, so the network's
                parameters are not listed a second time.
        """
        self._extract = extract

    def forward(self, x: Tensor | Features) -> Features:
        """Hand over features, or compute them from images (N, 3, H, W)."""
        return tuple(x) if isinstance(x, (tuple, list)) else self._extract(x)
