"""Pieces that bounds are built from: upstream modules alone.

Shapes: stage i of a ResNet puts out (N, C_i, H_i, W_i).
"""
from collections.abc import Mapping, Sequence

import torch
from mmcv.cnn import ConvModule
from mmengine.config import ConfigDict
from mmengine.model import constant_init
from mmengine.optim import OptimWrapper
from mmengine.registry import MODELS
from torch import Tensor, nn

FUSE_STAGES = (0, 1, 2)


def whole_models(sources: Sequence[dict],
                 backbone: dict | nn.Module) -> nn.ModuleDict:
    """Build each source's upstream model around a backbone, by its name."""
    return nn.ModuleDict({
        source['name']:
        MODELS.build(
            ConfigDict(
                source['model'], backbone=backbone, _scope_=source['scope']))
        for source in sources
    })


def gammas_between(names: Sequence[str],
                   channels: Sequence[int]) -> nn.ModuleDict:
    """Build the gammas into each of some equal networks from the others.

    Args:
        names: Of the networks.
        channels: C_i of the fused stages.
    """
    return nn.ModuleDict({
        name:
        nn.ModuleDict({
            f'{other}_{j}_{i}':
            gamma_chain(channels[j], channels[i], i - j)
            for other in names if other != name for i in FUSE_STAGES
            for j in range(i + 1)
        })
        for name in names
    })


def add_gammas(gammas: Mapping[str, nn.Module], stage_idx: int, own: Tensor,
               foreign: Mapping[str, Sequence[Tensor]]) -> Tensor:
    """Add up one fused stage: E_i^t, (N, C_i, H_i, W_i), and its gammas.

    Args:
        gammas: Those into t, of :func:`gammas_between`.
        stage_idx: i.
        own: E_i^t.
        foreign: Features (N, C_j, H_j, W_j) of the other networks.
    """
    for other, features in foreign.items():
        for j in range(stage_idx + 1):
            own = own + gammas[f'{other}_{j}_{stage_idx}'](features[j])
    return own


def truncated(sub_backbone: dict, num_stages: int) -> dict:
    """Leave the last stages out of an upstream ResNet's config."""
    return dict(
        sub_backbone,
        num_stages=num_stages,
        strides=(1, 2, 2, 2)[:num_stages],
        dilations=(1, ) * num_stages,
        out_indices=tuple(range(num_stages)))


def gamma_chain(in_channels: int, out_channels: int,
                num_down: int) -> nn.Sequential:
    """Chain 3x3 convolutions of stride 2, then 1x1, as the paper says."""
    norm = dict(type='BN')
    down = (
        ConvModule(in_channels, in_channels, 3, 2, 1, norm_cfg=norm)
        for _ in range(num_down))
    project = ConvModule(
        in_channels, out_channels, 1, norm_cfg=norm, act_cfg=None)
    constant_init(project.norm, 0)
    return nn.Sequential(*down, project)


def sgd(module: nn.Module) -> OptimWrapper:
    """Return the optimizer of both sides, over a module's parameters."""
    return OptimWrapper(
        torch.optim.SGD(
            module.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4))
