"""An expanded backbone of ResNet-18s of half width, and one of its parts."""
_sub_backbone = dict(
    type='mmpretrain.ResNet',
    depth=18,  # ours: ResNet-50 in the paper; for the CPU
    base_channels=32,  # ours: half the width, for the CPU
    stem_channels=32,
    out_indices=(0, 1, 2, 3),
    norm_eval=False)  # ours: nothing is pre-trained, so BN must learn
sub_backbone = _sub_backbone
expanded_backbone = dict(
    type='ExpandedResNet',
    sub_backbone=_sub_backbone,
    reconciliation=dict(
        type='BottomUpReconciliation',  # paper: Eq. 2
        fuse_stages=(0, 1, 2)))  # ours: the paper leaves it open
del _sub_backbone
