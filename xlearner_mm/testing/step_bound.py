"""The least that a joint iteration can cost, from upstream modules alone.

With F = one forward of a ResNet, f = its share up to the last fused stage and
backward = 2F: T * (3F + (T-1) f) + gammas + heads. Nothing of ours is in here.

Shapes: x is (N, 3, H, W); stage i puts out (N, C_i, H_i, W_i).
"""
from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from .upstream_parts import (FUSE_STAGES, add_gammas, gammas_between, sgd,
                             truncated, whole_models)


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
        self.models = whole_models(sources, sub_backbone).to(device).train()
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
        self.gammas = gammas_between(
            list(self.models),
            [f.shape[1] for f in self.own]).to(device).train()
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
        return [
            add_gammas(self.gammas[name], i, own, foreign)
            for i, own in zip(FUSE_STAGES, self.own)
        ]

    def parameters(self) -> list[nn.Parameter]:
        """List what is trained."""
        return [*self.models.parameters(), *self.gammas.parameters()]

    @torch.no_grad()
    def _unfused(self, name: str, x: Tensor) -> list[Tensor]:
        return list(self.foreign[name](x))
