"""The least that a joint iteration of any number of sources can cost.

As :class:`StepBound`, for several sources of a task, which share its
backbone; with one update for all. Nothing of ours is in here.

Shapes: x is (N, 3, H, W); stage i puts out (N, C_i, H_i, W_i).
"""
from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from .upstream_parts import (FUSE_STAGES, add_gammas, gammas_between, sgd,
                             truncated, whole_models)


class GrowthBound:
    """N upstream models, the truncated foreign passes, and the gammas.

    Args:
        sources: Configs of upstream models without backbone, with the tasks
            that they belong to.
        net: Config of an upstream ResNet; there is one for each task.
        batch: A batch, as :func:`random_batch` draws it.
        device: Where all of it is.
    """

    def __init__(self, sources: Sequence[dict], net: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        self.batch = batch
        self.task_of = {s['name']: s['task'] for s in sources}
        tasks = list(dict.fromkeys(self.task_of.values()))
        nets = {task: MODELS.build(net) for task in tasks}
        self.models = whole_models(sources,
                                   dict(type='xlearner_mm.FeaturePassThrough'))
        for name, model in self.models.items():
            model.backbone = nets[self.task_of[name]]
        shallow = truncated(net, FUSE_STAGES[-1] + 1)
        self.foreign = nn.ModuleDict({
            t: MODELS.build(shallow)
            for t in tasks
        }).to(device).eval()
        first = self.models[sources[0]['name']].to(device)
        with torch.no_grad():
            x = first.data_preprocessor(dict(batch[sources[0]['name']]), True)
            self.own = list(self.foreign[tasks[0]](x['inputs']))
        self.gammas = gammas_between(tasks, [f.shape[1] for f in self.own])
        self.trained = nn.ModuleList([self.models,
                                      self.gammas]).to(device).train()
        self.wrapper = sgd(self.trained)

    def step(self, hold: bool = True) -> None:
        """Run as much arithmetic as one joint iteration has to.

        Args:
            hold: One backward pass for all, which holds all activations; else
                each source's right after its forward pass.
        """
        held: list[tuple[Tensor, Tensor | None]] = []
        for name in self.models:
            held += self._forward(name)
            if not hold:
                torch.autograd.backward(*zip(*held))
                held = []
        if held:
            torch.autograd.backward(*zip(*held))
        self.wrapper.step()
        self.wrapper.zero_grad()

    def parameters(self) -> list[nn.Parameter]:
        """List what is trained."""
        return list(self.trained.parameters())

    def _forward(self, name: str) -> list[tuple[Tensor, Tensor | None]]:
        """Return a source's loss and fused sums, each with its gradient."""
        model, task = self.models[name], self.task_of[name]
        data = model.data_preprocessor(dict(self.batch[name]), True)
        roots = [(model.parse_losses(model(**data, mode='loss'))[0], None)]
        with torch.no_grad():
            foreign = {
                other: net(data['inputs'])
                for other, net in self.foreign.items() if other != task
            }
        if foreign:
            roots += [(add_gammas(self.gammas[task], i, own, foreign), own)
                      for i, own in zip(FUSE_STAGES, self.own)]
        return roots
