"""How backbones of a family are run: a stem, then one stage after the other.

Shapes: x is (N, 3, H, W); stage i in 0..3 puts out (N, C_i, H_i, W_i), about
4, 8, 16 and 32 times smaller than x.
"""
from collections.abc import Callable

from torch import Tensor, nn

from ...errors import UserError
from ..necks import FeatureSpec
from .trial import trial_outputs


class Family:
    """What is known of any backbone: what it puts out.

    Enough for a student, whose outputs alone are looked at. A subclass that
    also says how the parts are run makes sub-backbones of its networks, see
    :func:`register_family`.
    """

    def num_stages(self, net: nn.Module) -> int:
        """Count the stages.

        Raises:
            UserError: The family is unknown.
        """
        raise UserError(
            f'{type(net).__name__}: how its stem and its stages are run is '
            'not known, so it can be a student, but no sub-backbone; known '
            f'are {sorted(_FAMILIES)} and what derives from them; '
            'docs/en/user_guides/backbones_and_students.md says how to add a '
            'family')

    def stem(self, net: nn.Module, x: Tensor) -> Tensor:
        """Run what stands before the first stage."""
        raise NotImplementedError

    def stage(self, net: nn.Module, stage_idx: int, x: Tensor) -> Tensor:
        """Run one stage, as the next stage and the gammas read it."""
        raise NotImplementedError

    def output(self, net: nn.Module, stage_idx: int, x: Tensor) -> Tensor:
        """Make of a stage's feature what heads read; here the same."""
        return x

    def out_stages(self, net: nn.Module) -> tuple[int, ...]:
        """Name the stage of each output, here by its stride."""
        strides = (spec.stride for spec in trial_outputs(net))
        return tuple(stride.bit_length() - 3 for stride in strides)


#: Families by the name of their upstream class.
_FAMILIES: dict[str, Family] = {}
_ANY = Family()


def register_family(name: str) -> Callable[[type[Family]], type[Family]]:
    """Register how a class of backbones, and what derives from it, is run.

    What is registered is held against the network's own forward pass when an
    expanded backbone is built.

    Args:
        name: Name of the upstream class, without its package.

    Returns:
        A decorator for a subclass of :class:`Family`.
    """

    def register(cls: type[Family]) -> type[Family]:
        _FAMILIES[name] = cls()
        return cls

    return register


def family_of(net: nn.Module) -> Family:
    """Return the family of a backbone, that of its nearest class."""
    for cls in type(net).__mro__:
        if cls.__name__ in _FAMILIES:
            return _FAMILIES[cls.__name__]
    return _ANY


def output_specs(net: nn.Module) -> dict[int, FeatureSpec]:
    """Return channels and stride of each stage that any backbone puts out."""
    return dict(
        zip(family_of(net).out_stages(net), trial_outputs(net), strict=True))


@register_family('ResNet')
class ResNetFamily(Family):
    """ResNet, V1c, V1d, ResNeXt, SE-ResNet, ResNeSt, Res2Net."""

    def num_stages(self, net: nn.Module) -> int:
        return len(net.res_layers)

    def stem(self, net: nn.Module, x: Tensor) -> Tensor:
        x = (
            net.stem(x) if net.deep_stem else net.relu(
                net.norm1(net.conv1(x))))
        return net.maxpool(x)

    def stage(self, net: nn.Module, stage_idx: int, x: Tensor) -> Tensor:
        return getattr(net, net.res_layers[stage_idx])(x)

    def out_stages(self, net: nn.Module) -> tuple[int, ...]:
        return tuple(net.out_indices)  # of dilated stages strides are alike


@register_family('RegNet')
class RegNetFamily(ResNetFamily):
    """RegNet, a ResNet that does not run its pooling."""

    def stem(self, net: nn.Module, x: Tensor) -> Tensor:
        return net.relu(net.norm1(net.conv1(x)))


@register_family('ConvNeXt')
class ConvNeXtFamily(Family):
    """ConvNeXt V1 and V2 of mmpretrain, with a norm before each output.

    Gammas and the next stage read what is not normalised.
    """

    def num_stages(self, net: nn.Module) -> int:
        return len(net.stages)

    def stem(self, net: nn.Module, x: Tensor) -> Tensor:
        return net.downsample_layers[0](x)

    def stage(self, net: nn.Module, stage_idx: int, x: Tensor) -> Tensor:
        if stage_idx > 0:
            x = net.downsample_layers[stage_idx](x)
        return net.stages[stage_idx](x)

    def output(self, net: nn.Module, stage_idx: int, x: Tensor) -> Tensor:
        return getattr(net, f'norm{stage_idx}')(x)

    def out_stages(self, net: nn.Module) -> tuple[int, ...]:
        return tuple(net.out_indices)
