"""How a joint iteration grows with T and N, beside its bound."""
import importlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

import torch

from ..registry import MODELS
from . import step_inputs, tiny
from .benchmarking import compare, interleave, seconds
from .growth_bound import GrowthBound
from .late_runs import long_run
from .memory_use import memory_use
from .runs import train
from .upstream_parts import FUSE_STAGES, sgd

_PACKAGES = ('mmpretrain', 'mmdet', 'mmseg')


def growth_sources(tasks: int, count: int, depth: int, image_size: int,
                   batch_size: int) -> list[dict]:
    """List N sources, in turn of T tasks.

    Args:
        tasks: T, 1 to 4.
        count: N >= T.
        depth: That of the ResNets.
        image_size: Side of the images, in pixels.
        batch_size: Images per source.
    """
    each = step_inputs.sources(depth, tasks, image_size, batch_size)
    return [
        dict(each[i % tasks], name=f'{each[i % tasks]["name"]}_{i}')
        for i in range(count)
    ]


def expansion(sources: Sequence[dict], depth: int) -> dict:
    """Config of an ExpansionModel of full width."""
    return dict(
        type='ExpansionModel',
        backbone=dict(
            type='ExpandedResNet',
            sub_backbone=step_inputs.sub_backbone(depth),
            reconciliation=dict(
                type='BottomUpReconciliation', fuse_stages=FUSE_STAGES)),
        sources=list(sources))


class GrowthComparison:
    """A joint iteration of N sources of T tasks, and its bound.

    Args:
        tasks, count, depth, image_size, batch_size: See
            :func:`growth_sources`.
        device: Where both compute.
    """

    def __init__(self, tasks: int, count: int, depth: int, image_size: int,
                 batch_size: int, device: torch.device) -> None:
        sources = growth_sources(tasks, count, depth, image_size, batch_size)
        batch = step_inputs.random_batch(sources, image_size)
        self.device = device
        self.bound = GrowthBound(sources, step_inputs.sub_backbone(depth),
                                 batch, device)
        self.model = MODELS.build(expansion(sources, depth)).to(device).train()
        self._optimizer = sgd(self.model)
        self._data = dict(batch, phase='joint')

    def step(self) -> None:
        """Run one joint iteration of ours."""
        self.model.train_step(self._data, self._optimizer)

    def time(self, repeats: int, warm_up: int) -> dict:
        """Time both in turn: what :func:`compare` says, and 'seconds'."""
        laps = interleave(
            dict(ours=self.step, bound=self.bound.step), repeats, warm_up,
            self.device)
        return dict(
            compare(laps['ours'], laps['bound']), seconds=seconds(laps))

    def memory(self) -> dict[str, dict[str, int]]:
        """Measure the peaks of a step after the first, in bytes.

        Returns:
            'joint' and 'per_task', each with 'ours' and 'bound'; the bound of
            the latter holds one source's activations at a time.
        """
        peaks = {}
        for backward in ('joint', 'per_task'):
            self.model.backward = backward
            bound = partial(self.bound.step, hold=backward == 'joint')
            peaks[backward] = dict(
                ours=memory_use(self.step, self.device)[0],
                bound=memory_use(bound, self.device)[0])
        return peaks


def start_up(side: str, tasks: int, count: int, depth: int,
             folder: Path) -> dict[str, float]:
    """Time a start in this fresh process.

    Args:
        side: 'ours', a real run until its first iteration is done; or
            'bound', which builds the upstream models and runs a step on
            random images.
        tasks, count, depth: See :func:`growth_sources`.
        folder: Where the run's data go, 10 images of 32 pixels per source.

    Returns:
        Seconds: 'imports' of the three packages, and 'start' after them.
    """
    begin = perf_counter()
    for package in _PACKAGES:
        importlib.import_module(f'{package}.models')
        importlib.import_module(f'{package}.datasets')
    imports = perf_counter() - begin
    sources = growth_sources(tasks, count, depth, tiny.SIZE, 4)
    if side == 'ours':
        sources = [_on_disk(source, folder) for source in sources]
    begin = perf_counter()
    if side == 'ours':
        cfg = long_run(sources, folder / 'run', workers=2)
        train(dict(cfg, model=expansion(sources, depth)), stop_at=1)
    else:
        batch = step_inputs.random_batch(sources, tiny.SIZE)
        net = step_inputs.sub_backbone(depth)
        GrowthBound(sources, net, batch, torch.device('cpu')).step()
    return dict(imports=imports, start=perf_counter() - begin)


def _on_disk(source: dict, folder: Path) -> dict:
    """Write files for a source that has a model."""
    write = dict(
        cls=tiny.cls_source, det=tiny.det_source).get(source['task'],
                                                      tiny.seg_source)
    classes = step_inputs.NUM_CLASSES
    return write(
        folder,
        num_classes=classes,
        num_images=classes,
        val=None,
        evaluator=None,
        **source)
