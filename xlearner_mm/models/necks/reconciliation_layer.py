"""Reconciliation layers gamma (paper Sec. 3.2 and 3.4).

Shapes: N images, C_j x H_j x W_j the feature of the source stage j,
C_i x H_i x W_i that of the target stage i.
"""
import torch.nn.functional as F
from mmengine.model import BaseModule, constant_init, xavier_init
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS
from .gamma_blocks import DownBlock, ProjectBlock, UpBlock

_DOWN_SAMPLING = ('literal', 'gvb')


class BlockChain(BaseModule):
    """What every gamma^{k->t}_{j->i} is: blocks on a detached feature.

    Convolutions start from Xavier (paper Sec. 4.1). Ours: the last BN starts
    at weight zero, so that joining the sub-backbones changes nothing at
    first; a result of another size (odd inputs, dilated stages) is resized to
    the target's.

    Args:
        *blocks: Modules with a `conv` and a `norm`, in order.
    """

    def __init__(self, *blocks: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
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


@MODELS.register_module()
class ReconciliationLayer(BlockChain):
    """A shallower stage j of task k for stage i of task t (Eq. 2).

    `num_down` times gamma_a, then gamma_b.

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
        if down_sampling not in _DOWN_SAMPLING:
            raise UserError(f'down_sampling={down_sampling!r}; choose from '
                            f'{_DOWN_SAMPLING}')
        last_down = down_sampling == 'gvb' and num_down > 0
        super().__init__(
            *(DownBlock(in_channels, norm_cfg)
              for _ in range(num_down - last_down)),
            ProjectBlock(in_channels, out_channels, norm_cfg, last_down))


@MODELS.register_module()
class UpReconciliationLayer(BlockChain):
    """A deeper stage j of task k for stage i of task t (X-Learner_t).

    Ours: `num_up` times gamma_c, then gamma_b, since gamma_c replaces gamma_a
    (Sec. 3.4) in the composition that Sec. 3.2 gives.

    Args:
        in_channels: C_j.
        out_channels: C_i.
        num_up: How often the resolution is doubled, >= 0.
        norm_cfg: The normalisation layers.
    """

    def __init__(self,
                 in_channels: int,
                 out_channels: int,
                 num_up: int,
                 norm_cfg: dict = dict(type='BN')) -> None:
        super().__init__(
            *(UpBlock(in_channels, norm_cfg) for _ in range(num_up)),
            ProjectBlock(in_channels, out_channels, norm_cfg))
