"""An expanded backbone of ResNet-50s, and one of its parts."""
_base_ = './r50.py'
sub_backbone = _base_.resnet
expanded_backbone = dict(
    type='ExpandedResNet',
    sub_backbone=_base_.resnet,
    reconciliation=dict(
        type='BottomUpReconciliation',  # paper: Eq. 2
        fuse_stages=(0, 1, 2)))  # ours: the paper leaves it open
