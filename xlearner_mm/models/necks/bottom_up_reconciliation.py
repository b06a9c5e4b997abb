"""All reconciliation layers of an expanded backbone (paper Eq. 2)."""
from collections.abc import Mapping, Sequence
from math import log2

from ...registry import MODELS
from .reconciliation import FeatureSpec, Reconciliation
from .reconciliation_layer import ReconciliationLayer


@MODELS.register_module()
class BottomUpReconciliation(Reconciliation):
    """F_i^t = E_i^t + sum_{k != t} sum_{j <= i} gamma(E_j^k) (paper Eq. 2).

    Args:
        specs: Channels and stride of each stage of each task's sub-backbone,
            `{task: [FeatureSpec, ...]}`.
        fuse_stages: Stages i (and j) that are joined, 0..3. Ours: the first
            three; with the fourth one directed pair of a ResNet-50 costs more
            than a ResNet-50.
        feed_forward: Whether the next stage reads F_i^t (default) or E_i^t,
            so that heads alone see the fused features.
        down_sampling, norm_cfg: See :class:`ReconciliationLayer`.

    Raises:
        UserError: `fuse_stages` is empty or names a stage that is not there.
    """

    def __init__(
        self,
        specs: Mapping[str, Sequence[FeatureSpec]],
        fuse_stages: Sequence[int] = (0, 1, 2),
        feed_forward: bool = True,
        down_sampling: str = 'literal',
        norm_cfg: dict = dict(type='BN')) -> None:

        def gamma(src: FeatureSpec, dst: FeatureSpec) -> ReconciliationLayer:
            return ReconciliationLayer(
                src.channels,
                dst.channels,
                num_down=max(0, round(log2(dst.stride / src.stride))),
                down_sampling=down_sampling,
                norm_cfg=norm_cfg)

        super().__init__(specs, gamma, fuse_stages, feed_forward)

    @staticmethod
    def joins(src_stage: int, dst_stage: int) -> bool:
        """From each stage to the same or a deeper one."""
        return src_stage <= dst_stage
