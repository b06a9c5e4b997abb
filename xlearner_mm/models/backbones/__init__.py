from .expanded_backbone import ExpandedBackbone
from .expanded_resnet import ExpandedResNet
from .feature_pass_through import FeaturePassThrough
from .pruned_expanded_resnet import PrunedExpandedResNet

__all__ = [
    'ExpandedBackbone', 'ExpandedResNet', 'FeaturePassThrough',
    'PrunedExpandedResNet'
]
