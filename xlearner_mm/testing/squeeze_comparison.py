"""Compare a squeeze iteration with the least it can cost, and with hooks."""
from functools import partial

import torch
from mmengine.hub import get_config

from ..registry import MODELS
from . import step_inputs
from .benchmarking import compare, interleave, seconds
from .hooked_distillation import HookedDistillation
from .upstream_parts import FUSE_STAGES, sgd, whole_models
from .upstream_squeeze import PlainSqueeze, SqueezeBound

#: Stock detectors of mmdet that teach: the paper's (Sec. 4.1), and a lighter.
DETECTORS = {
    'Faster R-CNN': 'faster-rcnn_r50_fpn',
    'RetinaNet': 'retinanet_r50_fpn'
}


class SqueezeComparison:
    """An iteration of SqueezeDistiller, and of what it is compared with.

    All get the same batch, and train a student of the teachers' depth. The
    models that are read by hooks stand on the distiller's own teacher.

    Args:
        depth: That of the ResNets.
        num_tasks: T, 2 to 4.
        joined: Whether gammas join the teachers.
        image_size: Side of the images, in pixels.
        batch_size: Images per source.
        device: Where all compute.
    """

    def __init__(self, depth: int, num_tasks: int, joined: bool,
                 image_size: int, batch_size: int,
                 device: torch.device) -> None:
        sources = step_inputs.sources(depth, num_tasks, image_size, batch_size)
        net = step_inputs.sub_backbone(depth)
        batch = step_inputs.random_batch(sources, image_size)
        join = dict(type='BottomUpReconciliation', fuse_stages=FUSE_STAGES)
        self.device, self.batch, self.joined = device, batch, joined
        self.model = MODELS.build(
            dict(
                type='SqueezeDistiller',
                teacher=dict(
                    type='ExpandedResNet',
                    sub_backbone=net,
                    reconciliation=join if joined else None,
                    init_cfg=dict(checkpoint='of random weights')),
                student=net,
                sources=sources)).to(device).train()
        self._optimizer = sgd(self.model)
        self.hooked = {
            name: self._hook(with_detector(sources, config), net)
            for name, config in DETECTORS.items()
        }
        bound = SqueezeBound if joined else PlainSqueeze
        self.bound = bound(sources, net, batch, device)

    def step(self) -> None:
        """Run one iteration of ours."""
        self.model.train_step(self.batch, self._optimizer)

    def time(self, repeats: int, warm_up: int) -> dict[str, dict]:
        """Time all in turn; see :func:`compare` for what is returned.

        Returns:
            'bound': ours over it; each of `DETECTORS`, and 'backbones': what
            is read by hooks over ours, whole models with this detector, or
            their backbones alone; 'seconds', the spread of each.
        """
        hooked = {name: side.step for name, side in self.hooked.items()}
        any_hooked = next(iter(self.hooked.values()))
        hooked['backbones'] = partial(any_hooked.step, heads=False)
        laps = interleave(
            dict(ours=self.step, bound=self.bound.step, **hooked), repeats,
            warm_up, self.device)
        times = {name: compare(laps[name], laps['ours']) for name in hooked}
        times['bound'] = compare(laps['ours'], laps['bound'])
        return dict(times, seconds=seconds(laps))

    def _hook(self, sources: list[dict], net: dict) -> HookedDistillation:
        """Build whole models around our teacher, read by hooks."""
        whole = whole_models(sources,
                             dict(type='xlearner_mm.FeaturePassThrough'))
        for source in sources:
            whole[source['name']].backbone.connect(
                partial(self.model.teacher, task=source['task']))
        return HookedDistillation(whole, sources, net, self.batch, self.device)


def with_detector(sources: list[dict], name: str) -> list[dict]:
    """Put a stock detector of mmdet's in the place of narrow ones.

    Args:
        sources: Of them, detectors keep preprocessor and channels.
        name: Of a file in mmdet's `_base_/models`.
    """
    stock = get_config(f'mmdet::_base_/models/{name}.py').model
    stock.pop('backbone')
    return [
        dict(source, model=_fitted(stock, source['model']))
        if source['task'] == 'det' else source for source in sources
    ]


def _fitted(stock: dict, narrow: dict) -> dict:
    """Give a detector another one's preprocessor and channels."""
    return dict(
        stock,
        data_preprocessor=narrow['data_preprocessor'],
        neck=dict(stock['neck'], in_channels=narrow['neck']['in_channels']))
