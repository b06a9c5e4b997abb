"""Eq. 4 of the paper: from the student's feature space to a teacher's."""
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor

from ...registry import MODELS


@MODELS.register_module()
class GuidanceLayer(BaseModule):
    """G^t(x) = Norm(Conv1x1(x)), without activation (paper Eq. 4).

    Ours: where the teacher's map has another size (a dilated teacher), the
    result is resized to it bilinearly.

    Args:
        in_channels: Channels of the student's feature.
        out_channels: Channels of the teacher's feature.
        norm_cfg: The normalisation layer; BatchNorm in the paper.
        init_cfg: Initialisation of the convolution.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm_cfg: dict = dict(type='BN'),
        init_cfg: dict | None = dict(type='Xavier', layer='Conv2d')
    ) -> None:
        super().__init__(init_cfg)
        self.project = ConvModule(
            in_channels, out_channels, 1, norm_cfg=norm_cfg, act_cfg=None)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """Map a student feature to the teacher's space.

        Args:
            x: Student feature, (N, in_channels, H, W).
            size: Height and width of the teacher's feature, in positions.

        Returns:
            (N, out_channels, H_t, W_t), the teacher's `size`.
        """
        x = self.project(x)
        if x.shape[-2:] == tuple(size):
            return x
        return F.interpolate(x, size, mode='bilinear', align_corners=False)
