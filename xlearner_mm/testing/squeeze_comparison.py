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
        for source in sources:
            if source['task'] == 'det':
                source['model'] = stock_retinanet(source['model'])
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
        whole = whole_models(sources,
                             dict(type='xlearner_mm.FeaturePassThrough'))
        for source in sources:
            whole[source['name']].backbone.connect(
                partial(self.model.teacher, task=source['task']))
        self.hooked = HookedDistillation(whole, sources, net, batch, device)
        bound = SqueezeBound if joined else PlainSqueeze
        self.bound = bound(sources, net, batch, device)

    def step(self) -> None:
        """Run one iteration of ours."""
        self.model.train_step(self.batch, self._optimizer)

    def time(self, repeats: int, warm_up: int) -> dict[str, dict]:
        """Time all in turn; see :func:`compare` for what is returned.

        Returns:
            'bound': ours over it; 'heads' and 'backbones', what is read by
            hooks over ours: whole models, or their backbones alone;
            'seconds', the spread of each.
        """
        laps = interleave(
            dict(
                ours=self.step,
                bound=self.bound.step,
                heads=self.hooked.step,
                backbones=partial(self.hooked.step, heads=False)), repeats,
            warm_up, self.device)
        return dict(
            bound=compare(laps['ours'], laps['bound']),
            heads=compare(laps['heads'], laps['ours']),
            backbones=compare(laps['backbones'], laps['ours']),
            seconds=seconds(laps))


def stock_retinanet(narrow: dict) -> dict:
    """Return mmdet's own RetinaNet in the place of a narrow one.

    Args:
        narrow: Config without backbone, whose preprocessor and channels stay.
    """
    model = get_config('mmdet::_base_/models/retinanet_r50_fpn.py').model
    model = dict(model, data_preprocessor=narrow['data_preprocessor'])
    model['neck']['in_channels'] = narrow['neck']['in_channels']
    return {k: v for k, v in model.items() if k != 'backbone'}
