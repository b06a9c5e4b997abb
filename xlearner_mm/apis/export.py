"""From a checkpoint of ours to an ordinary backbone checkpoint."""
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
import torchvision
from mmengine.config import ConfigDict
from mmengine.logging import print_log
from mmengine.registry import MODELS as MMENGINE_MODELS
from torch import Tensor, nn

from ..checkpoint_files import load_from_file, write_tensors
from ..config_text import read_config_text
from ..errors import UserError
from ..models.backbones.backbone_weights import below
from ..models.pruners import without_masks

#: Where a user may load an exported backbone.
TARGETS = ('mmdet', 'mmseg', 'mmpretrain', 'torchvision')

#: Models that end in an expanded backbone, and what else there is to do.
_EXPANDED = dict(
    ExpansionModel='squeeze it first (SqueezeDistiller), ',
    PrunedExpansionModel='')


class Backbone(NamedTuple):
    """A plain backbone: its upstream config and its weights."""

    cfg: dict
    state_dict: dict[str, Tensor]


def extract_backbone(file: str, task: str | None = None) -> Backbone:
    """Take the plain backbone out of a checkpoint of ours.

    The student of a squeeze, also where it has heads, the backbone of a
    hard-sharing model, or one sub-backbone E^t of an expansion, without its
    gammas; pruned weights are zeros in it.

    Args:
        file: A checkpoint that a runner wrote; it contains its config.
        task: t, for a checkpoint of the expansion stage.

    Raises:
        UserError: The checkpoint is of another kind, or has no such task.
    """
    state, model = read_trained(file)
    kind = _kind_of(model)
    if kind in ('SqueezeDistiller', 'GuidedStudentModel'):
        cfg, prefix = model.student, 'student.'
    elif kind == 'HardSharingModel':
        cfg, prefix = model.backbone, 'backbone.'
    elif kind in _EXPANDED:
        cfg, prefix = _sub_backbone(file, state, model, task)
    else:
        raise UserError(f'{file} holds a {kind}; what can be exported are '
                        'SqueezeDistiller, GuidedStudentModel, '
                        'HardSharingModel, '
                        f'{", ".join(_EXPANDED)}')
    weights = {
        key[len(prefix):]: value
        for key, value in without_masks(state).items()
        if key.startswith(prefix)
    }
    return Backbone(cfg.to_dict(), weights)


def read_trained(file: str) -> tuple[dict[str, Tensor], ConfigDict]:
    """Read the weights and the model's config from a run's checkpoint.

    Args:
        file: A checkpoint that a runner wrote.

    Raises:
        UserError: It contains no config, or one that is more than values,
            or may not be read, see :func:`load_from_file`.
    """
    checkpoint = load_from_file(file, 'cpu')
    text = checkpoint.get('meta', {}).get('cfg')
    if not text:
        raise UserError(f'{file} holds no config, so it was not written by a '
                        'training run; give an iter_<K>.pth of its work_dir')
    return checkpoint['state_dict'], read_config_text(text, file).model


def read_expanded(file: str) -> tuple[dict, dict[str, Tensor]] | None:
    """Read the expanded network of an expansion, pruned or not.

    Args:
        file: A checkpoint that a runner wrote; it contains its config.

    Returns:
        The network's config, with its tasks, and its weights; None for a run
        of another kind.
    """
    state, model = read_trained(file)
    if _kind_of(model) not in _EXPANDED:
        return None
    return _network_of(model, _tasks(state)), below(state, 'backbone.')


def _kind_of(model: ConfigDict) -> str:
    """Return the name of a model's class, without its package."""
    return model.type.split('.')[-1]


def _sub_backbone(file: str, state: Mapping[str, Tensor], model: ConfigDict,
                  task: str | None) -> tuple[ConfigDict, str]:
    prefix, tasks = 'backbone.sub_backbones.', _tasks(state)
    if task not in tasks:
        raise UserError(
            f'task={task!r}: {file} holds an expanded backbone, which no '
            f'plain ResNet can hold: {_EXPANDED[_kind_of(model)]}'
            f'choose the sub-backbone of one of its tasks {tasks} with '
            '--task, or use the whole of it as the backbone of any mmdet, '
            "mmseg or mmpretrain config, with custom_imports=dict(imports="
            f"['xlearner_mm']) and\nbackbone={_whole(file, model, tasks)}\n"
            "(of some tasks' features only: out_tasks=[...])")
    print_log(
        f"exporting the sub-backbone of task '{task}' alone: what the "
        'reconciliation layers add to it is lost', 'current')
    cfg = model.backbone.sub_backbone
    return cfg if 'type' in cfg else cfg[task], f'{prefix}{task}.'


def _tasks(state: Mapping[str, Tensor]) -> list[str]:
    """List the tasks of an expansion, in order."""
    prefix = 'backbone.sub_backbones.'
    return list(
        dict.fromkeys(k[len(prefix):].split('.')[0] for k in state
                      if k.startswith(prefix)))


def _network_of(model: ConfigDict, tasks: list[str]) -> dict:
    """Return the config of an expansion's whole expanded network."""
    network = {k: v for k, v in model.backbone.items() if k != 'init_cfg'}
    return dict(ConfigDict(network).to_dict(), tasks=tasks)


def _whole(file: str, model: ConfigDict, tasks: list[str]) -> dict:
    """Return the config of the whole expanded backbone in stock models."""
    return dict(
        type='xlearner_mm.ExpandedBackbone',
        network=_network_of(model, tasks),
        init_cfg=dict(type='Pretrained', prefix='backbone.', checkpoint=file))


def export_backbone(src: str, dst: str, task: str | None = None) -> Backbone:
    """Write the plain backbone of a checkpoint as a bare state dict.

    The keys are upstream's own, so that every package which has the network
    loads the file as it is; those of a ResNet are torchvision's, which
    mmdet, mmseg and mmpretrain share.

    Args:
        src: A checkpoint that a runner wrote.
        dst: The file to write, `.pth` or `.safetensors`.
        task: t, for a checkpoint of the expansion stage.
    """
    backbone = extract_backbone(src, task)
    write_tensors(backbone.state_dict, Path(dst))
    return backbone


def check_export(backbone: Backbone, file: str) -> dict[str, str]:
    """Load an exported file everywhere and compare the features.

    Args:
        backbone: What was exported.
        file: The file written.

    Returns:
        A line for each of mmdet, mmseg, mmpretrain and torchvision: how many
        entries matched, or why the file is not for the package.

    Raises:
        UserError: Keys are missing or left over, or features differ.
    """
    reference = build_plain(backbone.cfg)
    reference.load_state_dict(backbone.state_dict)
    image = torch.rand(
        2, 3, 97, 65, generator=torch.Generator().manual_seed(0))
    features = _features(reference, image)
    report = {}
    for target in TARGETS:
        try:
            net = build_target(backbone.cfg, target)
        except (TypeError, KeyError, ValueError) as error:
            report[target] = f'has no such network: {error}'
            continue
        other = _names_of(net) ^ _names_of(reference)
        if other:
            report[target] = ('has other names for such a network, so this '
                              f'file is not for it: {min(other)}, ...')
            continue
        _load_all(net, file, target)
        worst = _compare(_features(net, image), features, target)
        report[target] = (f'{len(backbone.state_dict)} entries match, '
                          f'features differ by at most {worst:g}')
    return report


def build_plain(cfg: Mapping, scope: str | None = None) -> nn.Module:
    """Build an upstream backbone that puts out its last stage too.

    Args:
        cfg: Its config.
        scope: Take the class from this package in place of the config's.
    """
    cfg = {k: v for k, v in cfg.items() if k not in ('init_cfg', '_scope_')}
    own_scope, _, name = cfg['type'].rpartition('.')
    cfg['type'] = f'{scope or own_scope}.{name}'
    return MMENGINE_MODELS.build(cfg)


def build_target(cfg: Mapping, target: str) -> nn.Module:
    """Build the same network in another package.

    Raises:
        TypeError, KeyError, ValueError: The package has none.
    """
    if target != 'torchvision':
        return build_plain(cfg, target)
    standard = dict(
        base_channels=64,
        stem_channels=64,
        style='pytorch',
        deep_stem=False,
        avg_down=False,
        strides=(1, 2, 2, 2),
        dilations=(1, 1, 1, 1))
    other = {
        k: cfg[k]
        for k, v in standard.items()
        if k in cfg and cfg[k] is not None and _plain(cfg[k]) != v
    }
    if other or not cfg['type'].endswith('.ResNet'):
        raise ValueError(
            "its names agree with those of plain ResNets alone, not of "
            f'{cfg["type"]}' + (f' with {other}' if other else ''))
    return getattr(torchvision.models, f'resnet{cfg["depth"]}')()


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _names_of(net: nn.Module) -> set[str]:
    """Return the names in a state dict, torchvision's classifier left out."""
    return {name for name in net.state_dict() if not name.startswith('fc.')}


def _load_all(net: nn.Module, file: str, target: str) -> None:
    """Load strictly; torchvision's classifier alone may be missing."""
    state = load_from_file(file, 'cpu')
    missing, unexpected = net.load_state_dict(state, strict=False)
    missing = [k for k in missing if not k.startswith('fc.')]
    if missing or unexpected:
        raise UserError(f'{target}: missing {missing[:5]}, not expected '
                        f'{unexpected[:5]}')


@torch.no_grad()
def _features(net: nn.Module, image: Tensor) -> list[Tensor]:
    """Return the features (N, C, H, W) of a net, the last stage's first.

    torchvision's ResNet gives the last stage's alone.
    """
    net.eval()
    if not isinstance(net, torchvision.models.ResNet):
        return list(net(image))[::-1]
    stages = list(net.children())[:-2]
    return [nn.Sequential(*stages)(image)]


def _compare(found: list[Tensor], features: list[Tensor],
             target: str) -> float:
    """Return the largest difference; refuse one that is more than noise."""
    worst = 0.0
    for theirs, ours in zip(found, features):
        differ = (theirs - ours).abs().max().item()
        if not differ <= 1e-5 * ours.abs().max().item():
            raise UserError(f'{target}: features differ by {differ:g}')
        worst = max(worst, differ)
    return worst
