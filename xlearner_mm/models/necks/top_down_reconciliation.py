"""Gammas that read deeper stages: X-Learner_t (paper Sec. 3.4)."""
from collections.abc import Mapping, Sequence
from math import log2

from ...registry import MODELS
from .reconciliation import FeatureSpec, Reconciliation
from .reconciliation_layer import UpReconciliationLayer


@MODELS.register_module()
class TopDownReconciliation(Reconciliation):
    """F_i^t = E_i^t + sum_{k != t} sum_{j >= i} gamma(E_j^k) (X-Learner_t).

    Ours: the same stage, j = i, stays joined by gamma_b alone (the paper
    replaces gamma_a "in cross-layer reconciliation layers"), and E_j^k is
    un-fused as in Eq. 2, without which the definition would be circular.

    Args:
        specs: Channels and stride of each stage of each task's sub-backbone,
            `{task: [FeatureSpec, ...]}`.
        fuse_stages: Stages i (and j) that are joined, 0..3. Ours: the first
            three, as :class:`BottomUpReconciliation`, so that the variants
            differ in their direction alone.
        feed_forward: Whether the next stage reads F_i^t (default) or E_i^t,
            so that heads alone see the fused features.
        norm_cfg: The normalisation layers.

    Raises:
        UserError: `fuse_stages` is empty or names a stage that is not there.
    """

    def __init__(
        self,
        specs: Mapping[str, Sequence[FeatureSpec]],
        fuse_stages: Sequence[int] = (0, 1, 2),
        feed_forward: bool = True,
        norm_cfg: dict = dict(type='BN')) -> None:

        def gamma(src: FeatureSpec, dst: FeatureSpec) -> UpReconciliationLayer:
            return UpReconciliationLayer(
                src.channels,
                dst.channels,
                num_up=max(0, round(log2(src.stride / dst.stride))),
                norm_cfg=norm_cfg)

        super().__init__(specs, gamma, fuse_stages, feed_forward)

    @staticmethod
    def joins(src_stage: int, dst_stage: int) -> bool:
        """From each stage to the same or a shallower one."""
        return src_stage >= dst_stage
