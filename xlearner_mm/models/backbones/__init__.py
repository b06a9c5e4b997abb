from .expanded_resnet import ExpandedResNet
from .feature_pass_through import FeaturePassThrough

__all__ = ['ExpandedResNet', 'FeaturePassThrough']
