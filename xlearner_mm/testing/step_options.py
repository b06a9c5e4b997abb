"""An iteration under each option that makes it cheaper, beside the plain one.

An option is what `--cfg-options` would be given.
"""
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper, build_optim_wrapper

from ..registry import HOOKS, MODELS
from . import step_inputs
from .cpu_amp import CpuAmp
from .upstream_parts import FUSE_STAGES

_CHANNELS_LAST = {
    'model.data_preprocessor':
    dict(type='MultiTaskDataPreprocessor', channels_last=True)
}
_COMPILED = {'custom_hooks': [dict(type='CompileHook')]}

#: Options of either stage, by a short name.
OPTIONS: dict[str, dict[str, dict[str, object]]] = dict(
    joint={
        'channels last': _CHANNELS_LAST,
        'per_task': {
            'model.backward': 'per_task'
        },
        'with_cp': {
            'model.backbone.sub_backbone.with_cp': True
        },
        'accumulate 2': {
            'optim_wrapper.accumulative_counts': 2
        },
        'EMA': {
            'custom_hooks': [dict(type='EMAHook')]
        },
        'bfloat16': {
            'optim_wrapper.type': 'AmpOptimWrapper',
            'optim_wrapper.dtype': 'bfloat16'
        },
        'float16': {
            'optim_wrapper.type': 'AmpOptimWrapper',
            'optim_wrapper.dtype': 'float16'
        },
        'compile': _COMPILED
    },
    squeeze={
        'channels last': _CHANNELS_LAST,
        'compile': _COMPILED
    })


def base_config(stage: str, depth: int, image_size: int,
                batch_size: int) -> Config:
    """Return the config of a plain step.

    Args:
        stage: 'joint', of the expansion, or 'squeeze'.
        depth: That of the ResNets; T = 2.
        image_size: Side of the images, in pixels.
        batch_size: Images per source.
    """
    sources = step_inputs.sources(depth, 2, image_size, batch_size)
    net = step_inputs.sub_backbone(depth)
    expanded = dict(
        type='ExpandedResNet',
        sub_backbone=net,
        reconciliation=dict(
            type='BottomUpReconciliation', fuse_stages=FUSE_STAGES))
    if stage == 'joint':
        model = dict(type='ExpansionModel', backbone=expanded)
    else:
        start = dict(checkpoint='of random weights')
        teacher = dict(expanded, init_cfg=start)
        model = dict(type='SqueezeDistiller', teacher=teacher, student=net)
    optimizer = dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=1e-4)
    return Config(
        dict(
            model=dict(model, sources=sources),
            optim_wrapper=dict(type='OptimWrapper', optimizer=optimizer),
            custom_hooks=[]))


class OptionStep:
    """Two iterations under some options, so that accumulation is complete.

    Args:
        stage, depth, image_size, batch_size: See :func:`base_config`.
        options: Of `OPTIONS`; none is the plain step.
        device: Where it computes.
    """

    def __init__(self, stage: str, depth: int, image_size: int,
                 batch_size: int, options: Mapping[str, object],
                 device: torch.device) -> None:
        cfg = base_config(stage, depth, image_size, batch_size)
        cfg.merge_from_dict(dict(options))
        self.model = MODELS.build(cfg.model).to(device).train()
        self.wrapper = _wrapper(self.model, cfg.optim_wrapper, device)
        self.wrapper.initialize_count_status(self.model, 0, 1 << 40)
        self.data = step_inputs.random_batch(cfg.model.sources, image_size)
        if stage == 'joint':
            self.data['phase'] = 'joint'
        self._runner = SimpleNamespace(model=self.model, iter=0, max_iters=1)
        self._hooks = [HOOKS.build(hook) for hook in cfg.custom_hooks]
        for event in ('before_run', 'before_train'):
            for hook in self._hooks:
                getattr(hook, event)(self._runner)

    def __call__(self) -> None:
        """Run both."""
        for _ in range(2):
            self.model.train_step(self.data, self.wrapper)
            for hook in self._hooks:
                hook.after_train_iter(self._runner, 0)


def steps(stage: str, depth: int, image_size: int, batch_size: int,
          names: list[str], device: torch.device) -> dict[str, Callable]:
    """Build the plain step and one with each option, by name.

    Args:
        stage, depth, image_size, batch_size: See :func:`base_config`.
        names: Of the stage's `OPTIONS`; those of the other are left out.
        device: Where they compute; float16 is for GPUs.
    """
    found = {
        name: options
        for name, options in OPTIONS[stage].items()
        if name in names and (name != 'float16' or device.type != 'cpu')
    }
    return {
        name: OptionStep(stage, depth, image_size, batch_size, options, device)
        for name, options in dict(plain={}, **found).items()
    }


def _wrapper(model: torch.nn.Module, cfg: dict,
             device: torch.device) -> OptimWrapper:
    """Build what updates; MMEngine's mixed precision refuses CPUs."""
    if cfg.type != 'AmpOptimWrapper' or device.type != 'cpu':
        return build_optim_wrapper(model, cfg)
    plain = build_optim_wrapper(
        model, dict(type='OptimWrapper', optimizer=cfg.optimizer))
    return CpuAmp(plain.optimizer, cfg.dtype)
