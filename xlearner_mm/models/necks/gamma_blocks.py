"""The blocks that reconciliation layers chain (paper Sec. 3.2 and 3.4)."""
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor


class DownBlock(ConvModule):
    """gamma_a: 3x3 convolution of stride 2, BN, ReLU; keeps the channels."""

    def __init__(self, channels: int, norm_cfg: dict) -> None:
        super().__init__(channels, channels, 3, 2, 1, norm_cfg=norm_cfg)


class ProjectBlock(ConvModule):
    """gamma_b: convolution to the target's channels and BN, no activation."""

    def __init__(self,
                 in_channels: int,
                 out_channels: int,
                 norm_cfg: dict,
                 down: bool = False) -> None:
        kernel, stride, padding = (3, 2, 1) if down else (1, 1, 0)
        super().__init__(
            in_channels,
            out_channels,
            kernel,
            stride,
            padding,
            norm_cfg=norm_cfg,
            act_cfg=None)


class UpBlock(ConvModule):
    """gamma_c: x2 nearest up-sampling, 1x1 convolution; keeps the channels.

    Ours: the paper names no more than the two; BN and ReLU follow as in
    gamma_a, which this replaces (without ReLU a chain would be one
    convolution). All three act on each position alone, so they commute with
    the up-sampling, and run before it: the same result at a quarter of the
    cost.
    """

    def __init__(self, channels: int, norm_cfg: dict) -> None:
        super().__init__(channels, channels, 1, norm_cfg=norm_cfg)

    def forward(self, x: Tensor) -> Tensor:
        """Double the size: (N, C, H, W) to (N, C, 2H, 2W)."""
        return F.interpolate(super().forward(x), scale_factor=2)
