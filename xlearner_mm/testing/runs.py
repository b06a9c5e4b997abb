"""Short training runs in one process, and what to compare of two of them."""
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from . import tiny


class Recorder(Hook):
    """Keep what each iteration logs; stop early where asked to.

    Args:
        stop_at: How many iterations are done when the run stops.
    """

    priority = 'LOWEST'  # after the checkpoint is written

    def __init__(self, stop_at: int | None = None) -> None:
        self.stop_at = stop_at
        self.losses: dict[int, dict[str, torch.Tensor]] = {}

    def after_train_iter(self,
                         runner,
                         batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Copy the losses of iteration `batch_idx`."""
        self.losses[batch_idx] = {
            name: value.detach().clone()
            for name, value in outputs.items()
        }
        if runner.iter + 1 == self.stop_at:
            runner.train_loop.stop_training = True


def build_runner(cfg: dict, **kwargs) -> Runner:
    """Build a runner, quickly and quietly.

    Args:
        cfg: A config such as :func:`tiny.run_config` gives.
        **kwargs: Entries to replace in it.
    """
    defaults = dict(log_level='WARNING', experiment_name=uuid4().hex)
    cfg = {**defaults, **cfg, **kwargs}
    # Formatting the config takes seconds at every checkpoint.
    return Runner.from_cfg(Config(cfg, format_python_code=False))


def train(cfg: dict,
          stop_at: int | None = None,
          **kwargs) -> tuple[Runner, dict[int, dict[str, torch.Tensor]]]:
    """Run a training.

    Args:
        cfg: A config such as :func:`tiny.run_config` gives.
        stop_at: Stop when so many iterations are done.
        **kwargs: Entries to replace in the config.

    Returns:
        The runner, and the losses of each iteration that it ran.
    """
    runner = build_runner(cfg, **kwargs)
    recorder = Recorder(stop_at)
    runner.register_hook(recorder)
    runner.train()
    return runner, recorder.losses


def squeeze_config(sources: list[dict], work_dir: Path, teacher: Path,
                   **kwargs) -> dict:
    """Config of a squeeze run with the expansion checkpoint `teacher`."""
    max_iters = kwargs.get('max_iters', 4)
    init_cfg = dict(
        type='Pretrained', checkpoint=str(teacher), prefix='backbone.')
    model = dict(
        type='SqueezeDistiller',
        teacher=tiny.expanded_resnet(init_cfg=init_cfg),
        student=tiny.sub_backbone(),
        sources=sources)
    train_cfg = dict(
        type='SqueezeTrainLoop', max_iters=max_iters, val_interval=1000)
    return tiny.run_config(
        sources, work_dir, model=model, train_cfg=train_cfg, **kwargs)


def heads_config(sources: list[dict], work_dir: Path, squeeze: Path,
                 expansion: Path, **kwargs) -> dict:
    """Config of a run of the heads behind the student of `squeeze`."""
    max_iters = kwargs.get('max_iters', 4)
    model = dict(
        type='GuidedStudentModel',
        student=tiny.sub_backbone(),
        squeeze=str(squeeze),
        expansion=str(expansion),
        guided_stages=dict(cls=(3, ), det=(1, 2, 3), seg=(2, 3)),
        sources=sources)
    train_cfg = dict(
        type='MultiSourceTrainLoop', max_iters=max_iters, val_interval=1000)
    return tiny.run_config(
        sources, work_dir, model=model, train_cfg=train_cfg, **kwargs)


def state_of(runner: Runner) -> dict:
    """Return all that training changes: model, optimizer, schedule."""
    return dict(
        model=runner.model.state_dict(),
        optimizer=runner.optim_wrapper.state_dict(),
        schedule=[s.state_dict() for s in runner.param_schedulers])


def state_of_file(file: Path) -> dict:
    """Return :func:`state_of` as a checkpoint holds it."""
    held = torch.load(file, map_location='cpu', weights_only=False)
    return dict(
        model=held['state_dict'],
        optimizer=held['optimizer'],
        schedule=held['param_schedulers'])


def differences(one: object, two: object, path: str = '') -> Iterator[str]:
    """Name the places where two nested results differ in any bit."""
    one, two = (getattr(x, 'tensor', x) for x in (one, two))  # mmdet's boxes
    if isinstance(one, dict) and isinstance(two, dict):
        for key in [*one, *(k for k in two if k not in one)]:
            yield from differences(one.get(key), two.get(key), f'{path}/{key}')
    elif isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        if len(one) != len(two):
            yield f'{path}: {len(one)} against {len(two)} items'
        for i, (a, b) in enumerate(zip(one, two)):
            yield from differences(a, b, f'{path}/{i}')
    elif isinstance(one, torch.Tensor) and isinstance(two, torch.Tensor):
        if (one.dtype, one.shape) != (two.dtype, two.shape):
            yield f'{path}: {one.dtype} {one.shape}, {two.dtype} {two.shape}'
        elif not torch.equal(one, two):
            yield f'{path}: up to {(one - two).abs().max().item()} apart'
    elif one != two:
        yield f'{path}: {one!r} against {two!r}'


def gradients(module: nn.Module) -> set[str]:
    """Name the parameters that got a gradient."""
    return {n for n, p in module.named_parameters() if p.grad is not None}
