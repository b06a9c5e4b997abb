"""Distillation as general frameworks do it, from upstream's parts.

mmrazor's `ConfigurableDistiller` runs a teacher as a whole in `mode='loss'`
and records what its modules put out; many teachers run one after another.
"""
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from . import step_inputs
from .upstream_squeeze import UpstreamSqueeze


class HookedDistillation(UpstreamSqueeze):
    """A squeeze whose teachers are whole models, read by forward hooks.

    As in mmrazor the teachers are in training mode but for BatchNorm, and run
    without autograd. Kinder than mmrazor: the student has no heads, images
    are normalised once for all teachers, and labels are ready beforehand.

    Args:
        teachers: A whole upstream model per source, by its name.
        sources, net, batch, device: See :class:`UpstreamSqueeze`.
    """

    def __init__(self, teachers: Mapping[str, nn.Module],
                 sources: Sequence[dict], net: dict, batch: Mapping[str, dict],
                 device: torch.device) -> None:
        super().__init__(sources, net, batch, device)
        self.teachers = teachers
        self.recorded: dict[str, Tensor] = {}
        for name, model in teachers.items():
            model.to(device).train()
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
            model.backbone.register_forward_hook(partial(self._record, name))
        tasks = {source['name']: source['task'] for source in sources}
        self.samples = {
            name: {
                other: self._samples(other, task, data['inputs'])
                for other, task in tasks.items()
            }
            for name, data in batch.items()
        }

    @torch.no_grad()
    def teach(self,
              name: str,
              x: Tensor,
              heads: bool = True) -> dict[str, Tensor]:
        """Run every teacher by itself on a source's images.

        Args:
            name: The source.
            x: Its images.
            heads: Whether the models run as a whole; else their backbones.
        """
        for teacher, model in self.teachers.items():
            if heads:
                model(x, self.samples[name][teacher], mode='loss')
            else:
                model.backbone(x)
        return self.recorded

    def _record(self, name: str, module: nn.Module, args: tuple,
                outs: Sequence[Tensor]) -> None:
        self.recorded[name] = outs[-1]

    def _samples(self, teacher: str, task: str,
                 images: Sequence[Tensor]) -> list[BaseDataElement]:
        """Label images for a teacher, as its loss wants them."""
        samples = step_inputs.random_samples(task, len(images),
                                             images[0].shape[-1])
        data = dict(inputs=list(images), data_samples=samples)
        preprocess = self.teachers[teacher].data_preprocessor
        return preprocess(data, True)['data_samples']
