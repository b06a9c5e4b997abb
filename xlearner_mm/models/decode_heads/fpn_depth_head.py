"""Depth from the levels of a feature pyramid, for mmseg's DepthEstimator.

Shapes: N images of H x W pixels; level i has strides[i] and C channels.
"""
from collections.abc import Sequence

import torch
from mmseg.models.decode_heads import FPNHead
from mmseg.models.utils import resize
from torch import Tensor, nn

from ...errors import UserError
from ...registry import MODELS


def keep_known(depth: Tensor, max_depth: float) -> Tensor:
    """Set to 0, which means unknown, what no prediction can meet.

    That is what lies beyond `max_depth`, as in mmseg's DepthMetric, and what
    is not finite. Padding with mmseg's default of 255 counts as beyond.

    Args:
        depth: Metres, 0 where unknown, of any shape.
        max_depth: The largest depth to keep, in metres.

    Returns:
        A tensor like `depth`, in [0, max_depth].

    Raises:
        UserError: Depths are given, but all of them lie beyond.

    Example:
        >>> import torch
        >>> keep_known(torch.tensor([0., 2.5, 255.]), max_depth=10.)
        tensor([0.0000, 2.5000, 0.0000])
    """
    known = (depth > 0) & (depth <= max_depth)
    if not known.any() and (depth > 0).any():
        nearest = depth[depth > 0].min().item()
        raise UserError(
            f'every labelled depth is beyond max_depth={max_depth} m, the '
            f'nearest at {nearest:g}; check the depth_rescale_factor of '
            'LoadDepthAnnotation (0.001 for millimetres) and max_depth')
    return torch.where(known, depth, torch.zeros_like(depth))


@MODELS.register_module()
class FPNDepthHead(FPNHead):
    """A Semantic FPN head whose one output is depth (for paper Table 4).

    Ours: the paper does not say how it predicts depth. mmseg's FPN head sums
    the levels at the finest one's stride; a sigmoid times `max_depth` makes
    its only channel a depth. An image without a known pixel has no part in
    the loss: upstream's SiLogLoss has a gradient of NaN there.

    Args:
        in_channels: C of each level.
        channels: Channels of the hidden layers.
        feature_strides: Stride of each level, finest first.
        max_depth: Upper end of the predictions, in metres.
        loss_decode: Upstream loss or list of losses of (N, 1, H, W) depths
            in metres, which ignores a target of 0.
        dropout_ratio: Share of hidden channels dropped, in [0, 1). Ours: 0,
            since dropping channels scales a regression's output.
        kwargs: Further options of mmseg's FPNHead, e.g. `norm_cfg`.

    Raises:
        UserError: `max_depth` is not positive.
    """

    def __init__(self,
                 in_channels: Sequence[int],
                 channels: int,
                 feature_strides: Sequence[int] = (4, 8, 16, 32),
                 max_depth: float = 10.0,
                 loss_decode: dict | list[dict] = dict(type='SiLogLoss'),
                 dropout_ratio: float = 0.0,
                 **kwargs) -> None:
        if not max_depth > 0:
            raise UserError(f'FPNDepthHead: max_depth={max_depth}; give the '
                            'largest depth to predict, in metres')
        kwargs.setdefault('in_index', list(range(len(in_channels))))
        super().__init__(
            feature_strides,
            in_channels=in_channels,
            channels=channels,
            num_classes=1,
            threshold=0.5,  # of binary masks; unread here
            loss_decode=loss_decode,
            dropout_ratio=dropout_ratio,
            **kwargs)
        self.max_depth = max_depth

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Predict depth from levels of (N, C, H / stride, W / stride).

        Returns:
            Metres in (0, max_depth), of shape (N, 1, H / 4, W / 4) if the
            finest stride is 4.
        """
        return super().forward(inputs).sigmoid() * self.max_depth

    def loss_by_feat(self, seg_logits: Tensor,
                     batch_data_samples: list) -> dict[str, Tensor]:
        """Compare predictions, brought to the labels' size, with the labels.

        Args:
            seg_logits: What `forward` returns.
            batch_data_samples: N samples with a `gt_depth_map` of
                (1, H, W) metres, 0 where unknown.

        Returns:
            Scalar losses by their names; 0 if no pixel is known.
        """
        target = torch.stack(
            [sample.gt_depth_map.data for sample in batch_data_samples])
        target = keep_known(target, self.max_depth)
        pred = resize(
            seg_logits.float(),
            size=target.shape[2:],
            mode='bilinear',
            align_corners=self.align_corners)
        labelled = target.flatten(1).any(dim=1)
        parts = self.loss_decode
        if not isinstance(parts, nn.ModuleList):
            parts = [parts]
        losses = {}
        for part in parts:
            loss = pred.sum() * 0
            if labelled.any():
                loss = part(pred[labelled], target[labelled])
            losses[part.loss_name] = losses.get(part.loss_name, 0) + loss
        return losses
