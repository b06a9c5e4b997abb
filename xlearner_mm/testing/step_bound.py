"""The least that a joint iteration can cost, from upstream modules alone.

With F = one forward of a ResNet, f = its share up to the last fused stage and
backward = 2F: T * (3F + (T-1) f) + gammas + heads. Nothing of ours is in here.

Shapes: x is (N, 3, H, W); stage i puts out (N, C_i, H_i, W_i).
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


class StepBound:
    """T upstream models, their truncated foreign passes, and the gammas.

    Args:
        sources: One source per task, configs of upstream models without
            backbone.
        sub_backbone: Config of an upstream ResNet.
        batch: A batch, as :func:`random_batch` draws it.
        device: Where all of it is.
    """

    def __init__(self, sources: Sequence[dict], sub_backbone: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        self.batch = batch
        self.models = nn.ModuleDict({
            source['name']:
            MODELS.build(
                ConfigDict(
                    source['model'],
                    backbone=sub_backbone,
                    _scope_=source['scope'])).to(device)
            for source in sources
        }).train()
        self.foreign = nn.ModuleDict({
            name:
            MODELS.build(truncated(sub_backbone, FUSE_STAGES[-1] + 1))
            for name in self.models
        }).to(device).eval()
        self.images = {
            name: model.data_preprocessor(dict(batch[name]), True)['inputs']
            for name, model in self.models.items()
        }
        first = next(iter(self.models))
        self.own = self._unfused(first, self.images[first])
        self.gammas = nn.ModuleDict({
            name: nn.ModuleDict(self._incoming(name))
            for name in self.models
        }).to(device).train()
        self.wrappers = {n: sgd(m) for n, m in self.models.items()}
        self.gamma_wrapper = sgd(self.gammas)

    def step(self) -> None:
        """Run as much arithmetic as one joint iteration has to."""
        for name in self.models:
            self.single_task_step(name)
            sums = self.fuse(name)
            torch.autograd.backward(sums, self.own)
        self.gamma_wrapper.step()
        self.gamma_wrapper.zero_grad()

    def single_task_step(self, name: str) -> None:
        """Run the upstream model's own iteration: 3F and the heads."""
        self.models[name].train_step(self.batch[name], self.wrappers[name])

    def fuse(self, name: str) -> list[Tensor]:
        """Run the foreign passes and the gammas of one task's images.

        Returns:
            What stands for F_i^t of each fused stage i, (N, C_i, H_i, W_i),
            with the graph of the gammas.
        """
        foreign = {
            other: self._unfused(other, self.images[name])
            for other in self.models if other != name
        }
        sums = []
        for i, total in zip(FUSE_STAGES, self.own):
            for other, features in foreign.items():
                for j in range(i + 1):
                    gamma = self.gammas[name][f'{other}_{j}_{i}']
                    total = total + gamma(features[j])
            sums.append(total)
        return sums

    def parameters(self) -> list[nn.Parameter]:
        """List what is trained."""
        return [*self.models.parameters(), *self.gammas.parameters()]

    @torch.no_grad()
    def _unfused(self, name: str, x: Tensor) -> list[Tensor]:
        return list(self.foreign[name](x))

    def _incoming(self, name: str) -> dict[str, nn.Module]:
        """Build the gammas of one task; C_i is read off the features."""
        return {
            f'{other}_{j}_{i}':
            gamma_chain(self.own[j].shape[1], self.own[i].shape[1], i - j)
            for other in self.models if other != name for i in FUSE_STAGES
            for j in range(i + 1)
        }


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
