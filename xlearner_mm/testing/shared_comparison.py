"""Compare a hard-sharing iteration with a plain upstream one."""
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from ..registry import MODELS
from . import step_inputs
from .benchmarking import compare, interleave, seconds
from .upstream_parts import sgd, whole_models


class UpstreamStep:
    """Upstream models around one ResNet, and one step of the optimizer.

    Of a single source this is the upstream model's `train_step`.

    Args:
        sources: Configs of upstream models without backbone.
        net: Config of an upstream ResNet.
        batch: Images and labels of each source.
        device: Where all of it is.
    """

    def __init__(self, sources: Sequence[dict], net: dict,
                 batch: Mapping[str, dict], device: torch.device) -> None:
        self.batch = batch
        self.models = whole_models(sources, net)
        shared = self.models[sources[0]['name']].backbone
        for model in self.models.values():
            model.backbone = shared
        self.models.to(device).train()
        self._optimizer = sgd(self.models)

    def step(self) -> None:
        """Train on the sum of the models' losses."""
        totals = []
        for name, model in self.models.items():
            data = model.data_preprocessor(dict(self.batch[name]), True)
            losses = model(**data, mode='loss')
            totals.append(model.parse_losses(losses)[0])
        self._optimizer.update_params(sum(totals) / len(totals))

    def parameters(self) -> list[nn.Parameter]:
        """List what is trained."""
        return list(self.models.parameters())


class SharedComparison:
    """An iteration of HardSharingModel and upstream's on the same images.

    Args:
        sources: Those that share the backbone.
        upstream: Those of the upstream models; in the place of merged ones a
            single source, which gets all images.
        depth: That of the ResNet.
        image_size: Side of the images, in pixels.
        device: Where both compute.
    """

    def __init__(self, sources: Sequence[dict], upstream: Sequence[dict],
                 depth: int, image_size: int, device: torch.device) -> None:
        net = step_inputs.sub_backbone(depth)
        batch = step_inputs.random_batch(sources, image_size)
        merged = len(upstream) < len(sources)
        self.device, self.batch = device, batch
        self.upstream = UpstreamStep(
            upstream, net,
            {upstream[0]['name']: as_one(batch)} if merged else batch, device)
        self.model = MODELS.build(
            dict(
                type='HardSharingModel',
                backbone=net,
                sources=sources,
                merge=[upstream[0]['task']]
                if merged else [])).to(device).train()
        self._optimizer = sgd(self.model)

    def step(self) -> None:
        """Run one iteration of ours."""
        self.model.train_step(self.batch, self._optimizer)

    def time(self, repeats: int, warm_up: int) -> dict:
        """Time both in turn.

        Returns:
            What :func:`compare` does, and 'seconds', the spread of each.
        """
        laps = interleave(
            dict(ours=self.step, upstream=self.upstream.step), repeats,
            warm_up, self.device)
        return dict(
            compare(laps['ours'], laps['upstream']), seconds=seconds(laps))


def settings(depth: int, image_size: int,
             batch_size: int) -> dict[str, tuple[list[dict], list[dict]]]:
    """Return the sources of both sides: ours, upstream's.

    Args:
        depth: That of the ResNet.
        image_size: Side of the images, in pixels.
        batch_size: Images per source.
    """
    cls, det, seg = step_inputs.sources(depth, 3, image_size, batch_size)
    three = [dict(cls, name=f'cls_{i}') for i in range(3)]
    return {
        'cls': ([cls], [cls]),
        'det': ([det], [det]),
        'seg': ([seg], [seg]),
        'cls + det + seg': ([cls, det, seg], [cls, det, seg]),
        '3 cls merged': (three, [cls])
    }


def as_one(batch: Mapping[str, dict]) -> dict[str, list]:
    """Put the images and labels of all sources together."""
    return {
        key: [value for data in batch.values() for value in data[key]]
        for key in ('inputs', 'data_samples')
    }
