"""Runs of the configs at the paper's scale, small enough for a test."""
from pathlib import Path
from uuid import uuid4

import torch
from full_configs import SETTINGS, networks
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import Runner
from torch import nn

from xlearner_mm.apis import load_config
from xlearner_mm.testing.shrinking import shrink


def narrow(cfg: Config) -> None:
    """Divide a model's widths by 8, or by 9 where 8 does not divide them."""
    width = networks(cfg)[0].base_channels
    shrink(cfg.model, by=8 if width % 8 == 0 else 9)


def build_narrow(file: Path) -> nn.Module:
    """Build the narrow model of a config."""
    cfg = load_config(str(file))
    narrow(cfg)
    return MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))


def save_narrow(file: Path, folder: Path) -> str:
    """Write a checkpoint of a config's narrow model, untrained."""
    target = folder / f'{file.stem}.pth'
    torch.save(dict(state_dict=build_narrow(file).state_dict()), target)
    return str(target)


def run(file: Path, data: Path, work_dir: Path, **options) -> Runner:
    """Train a config on the small files, at an eighth of its widths.

    Args:
        file: The config.
        data: Where `write_all` wrote.
        work_dir: Of the run.
        **options: As `--cfg-options`, `__` in place of a dot.
    """
    cfg = load_config(
        str(file), {
            'data_root': str(data),
            'train_dataloader.num_workers': 0,
            **{
                key.replace('__', '.'): value
                for key, value in options.items()
            }
        })
    for source in cfg.sources:
        source.batch_size, source.val_batch_size = 2, 2
    narrow(cfg)
    for key in ('val_dataloader', 'test_dataloader'):
        if key in cfg:
            cfg[key].num_workers = 0
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    cfg.log_level = 'WARNING'
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def last(runner: Runner) -> str:
    """Return the path of the last checkpoint of a run."""
    return f'{runner.work_dir}/iter_{runner.iter}.pth'


def check_losses_and_scores(runner: Runner, setting: str) -> None:
    """Every source of the setting was trained on and validated."""
    scalars = runner.message_hub.log_scalars
    for name in SETTINGS[setting]:
        loss = scalars[f'train/{name}.loss'].current()
        assert 0 < loss < 20
    for source in runner.cfg.sources:
        score = scalars[f'val/{source.name}/{source.key_metric}'].current()
        assert 0 <= score <= 100


def check_hints(runner: Runner, setting: str, tasks: str) -> None:
    """Every source of the setting got a hint of every task."""
    scalars = runner.message_hub.log_scalars
    for name in SETTINGS[setting]:
        for task in tasks.split():
            assert scalars[f'train/{name}.{task}_hint_loss'].current() > 0
