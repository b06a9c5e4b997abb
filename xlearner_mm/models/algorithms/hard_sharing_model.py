"""Hard parameter sharing, the paper's baseline (Sec. 4.3, Table 2)."""
from collections.abc import Sequence

from torch import Tensor

from ...registry import MODELS
from .multi_source_model import Features, MultiSourceModel


@MODELS.register_module()
class HardSharingModel(MultiSourceModel):
    """One backbone for all tasks and sources, trained with Eq. 1.

    With a single source it is the single-source supervised baseline.

    Args:
        backbone: Config of an upstream backbone.
        sources: Configs of the sources, see :class:`Source`.
        **kwargs: See :class:`MultiSourceModel`.
    """

    def __init__(self, backbone: dict, sources: Sequence[dict],
                 **kwargs) -> None:
        super().__init__(sources, **kwargs)
        self.backbone = MODELS.build(backbone)

    def extract(self, x: Tensor, task: str, phase: str = 'joint') -> Features:
        """Compute the shared features of images (N, 3, H, W)."""
        return self.backbone(x)
