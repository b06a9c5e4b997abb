"""Plain backbones: any checkpoint file as a bare ResNet state dict."""
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn

from ..checkpoint_files import load_from_file, write_tensors
from ..errors import UserError
from ..models.backbones.backbone_weights import load_backbone
from .export import extract_backbone

_DEPTHS = {
    (False, (2, 2, 2, 2)): 18,
    (False, (3, 4, 6, 3)): 34,
    (True, (3, 4, 6, 3)): 50,
    (True, (3, 4, 23, 3)): 101,
    (True, (3, 8, 36, 3)): 152
}
#: Where other trainers put the weights.
_NESTS = ('state_dict', 'model', 'teacher')


class NoResNet(UserError):
    """A file holds something else than a plain ResNet."""


class ResNetShape(NamedTuple):
    """What tells one plain ResNet from another.

    Args:
        depth: 18, 34, 50, 101 or 152.
        width: Channels of the stem; 64 in an ordinary ResNet.
    """

    depth: int
    width: int


def read_backbone(file: str) -> dict[str, Tensor]:
    """Read the weights of a plain ResNet from any checkpoint.

    A run of ours (see :func:`extract_backbone`), an exported file, or a file
    of torchvision, timm, mmpretrain or another trainer, `.pth` or
    `.safetensors`; the classifier is left out.

    Args:
        file: The checkpoint.

    Returns:
        A state dict with torchvision's names, `conv1.weight` to `layer4...`.

    Raises:
        UserError: The file is missing, or holds no ResNet (`NoResNet`).
    """
    return _pick(_read(file), file)


def load_pretrained(module: nn.Module, file: str) -> None:
    """Load a backbone of any architecture, all of it.

    Args:
        module: The backbone.
        file: Its checkpoint, of the kinds that :func:`read_backbone` knows.

    Raises:
        UserError: The file is missing, or does not hold all weights.
    """
    state = _read(file)
    first = next(iter(module.state_dict()))
    prefixes = [k[:-len(first)] for k in state if k.endswith(first)]
    load_backbone(module, state, [*prefixes, ''],
                  f'{file} does not fit the {type(module).__name__}')


def read_checkpoint(file: str) -> Mapping:
    """Read all that a `.pth` or `.safetensors` file holds, on the CPU.

    Raises:
        UserError: There is no such file, or it may not be read, see
            :func:`load_from_file`.
    """
    if not Path(file).is_file():
        raise UserError(f'no checkpoint at {file}; check the path')
    return load_from_file(file, 'cpu')


def _read(file: str) -> Mapping[str, Tensor]:
    """Read the weights in a file; of a run of ours, the backbone's."""
    state = read_checkpoint(file)
    if is_ours(state):
        return extract_backbone(file).state_dict
    for nest in _NESTS:
        if isinstance(state.get(nest), Mapping):
            state = state[nest]
    return state


def is_ours(checkpoint: Mapping) -> bool:
    """Tell whether a run of this package wrote a checkpoint."""
    text = (checkpoint.get('meta') or {}).get('cfg') or ''
    return any(
        name in str(text)
        for name in ('SqueezeDistiller', 'GuidedStudentModel',
                     'HardSharingModel', 'ExpansionModel'))


def _pick(state: Mapping[str, Tensor], file: str) -> dict[str, Tensor]:
    """Take the ResNet's entries, without prefix and classifier."""
    if any('sub_backbones.' in key for key in state):
        raise NoResNet(f'{file} holds the weights of an expanded network, but '
                       'not its config; give the checkpoint of the run, an '
                       'iter_<K>.pth of its work_dir')
    roots = [
        k[:-len('layer1.0.conv1.weight')] for k in state
        if k.endswith('layer1.0.conv1.weight')
    ]
    roots = [r for r in roots if f'{r}conv1.weight' in state]
    if not roots:
        deep = any(k.endswith('stem.0.weight') for k in state)
        raise NoResNet(f'{file} holds no plain ResNet' + (
            ': its stem is of three convolutions (ResNetV1c or V1d)'
            if deep else f'; its entries begin with {list(state)[:3]}'))
    root = min(roots, key=len)
    return {
        key[len(root):]: value
        for key, value in state.items()
        if key.startswith(root) and key[len(root):].split('.')[0] in (
            'conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4')
    }


def shape_of(state: Mapping[str, Tensor]) -> ResNetShape:
    """Tell depth and width of a plain ResNet from its weights.

    Args:
        state: What :func:`read_backbone` returns.

    Raises:
        NoResNet: There is no ResNet with such layers.

    Example:
        >>> import torchvision
        >>> shape_of(torchvision.models.resnet18().state_dict())
        ResNetShape(depth=18, width=64)
    """
    blocks = tuple(
        len({k.split('.')[1]
             for k in state if k.startswith(f'layer{i}.')})
        for i in (1, 2, 3, 4))
    kind = ('layer1.0.conv3.weight' in state, blocks)
    if kind not in _DEPTHS:
        raise NoResNet(f'no ResNet has {blocks} blocks '
                       f'{"with" if kind[0] else "without"} bottleneck')
    stem, width = (
        len(state[f'{k}.weight']) for k in ('conv1', 'layer1.0.conv1'))
    if stem != width:
        raise NoResNet(f'a stem of {stem} channels before stages of width '
                       f'{width}; the downstream configs know one width')
    return ResNetShape(_DEPTHS[kind], width)


def write_plain(src: str, dst: Path) -> None:
    """Write a checkpoint's plain backbone as a bare state dict.

    Args:
        src: Any checkpoint, see :func:`read_backbone`.
        dst: The file to write.
    """
    write_tensors(read_backbone(src), dst)
