"""Reconciliation layers gamma (paper Sec. 3.2), and the blocks they chain.

Shapes: N images, C_j x H_j x W_j the feature of the source stage j,
C_i x H_i x W_i that of the target stage i.
"""
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, constant_init, xavier_init
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS

_DOWN_SAMPLING = ('literal', 'gvb')


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


@MODELS.register_module()
class ReconciliationLayer(BaseModule):
    """gamma^{k->t}_{j->i}: stage j of task k for stage i of task t (Eq. 2).

    `num_down` times gamma_a, then gamma_b. Convolutions start from Xavier
    (paper Sec. 4.1). Ours: the last BN starts at weight zero, so that joining
    the sub-backbones changes nothing at first; a result of another size (odd
    inputs, dilated stages) is resized to the target's.

    Args:
        in_channels: C_j.
        out_channels: C_i.
        num_down: How often the resolution is halved, >= 0.
        down_sampling: 'literal' as above; 'gvb' lets the last 3x3
            convolution change the channels and drops the 1x1, as
            OpenGVLab/gv-benchmark does.
        norm_cfg: The normalisation layers.

    Raises:
        UserError: `down_sampling` is unknown.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_down: int,
        down_sampling: str = 'literal',
        norm_cfg: dict = dict(type='BN')) -> None:
        super().__init__()
        if down_sampling not in _DOWN_SAMPLING:
            raise UserError(f'down_sampling={down_sampling!r}; choose from '
                            f'{_DOWN_SAMPLING}')
        last_down = down_sampling == 'gvb' and num_down > 0
        self.blocks = nn.Sequential(
            *(DownBlock(in_channels, norm_cfg)
              for _ in range(num_down - last_down)),
            ProjectBlock(in_channels, out_channels, norm_cfg, last_down))
        self.init_weights()

    def init_weights(self) -> None:
        """Xavier for the convolutions, zero for the last BN's weight."""
        for block in self.blocks:
            xavier_init(block.conv)
            constant_init(block.norm, 1)
        constant_init(self.blocks[-1].norm, 0)
        self._is_init = True

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """Carry a detached foreign feature to another task's stage.

        Args:
            x: E_j^k, (N, C_j, H_j, W_j).
            size: (H_i, W_i) of the target.

        Returns:
            What is added to E_i^t, (N, C_i, H_i, W_i).
        """
        x = self.blocks(x.detach())
        if x.shape[-2:] == tuple(size):
            return x
        return F.interpolate(x, size)
