"""Tiny teachers of X-Learner++, for tests."""
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from ..registry import MODELS
from . import tiny

#: Of another width than the students: eight times 12 channels in the end.
WIDTH = 12


def teacher_net(seed: int, **kwargs) -> nn.Module:
    """Build a ResNet-18 in evaluation mode, with statistics of its own.

    Args:
        seed: Of its random weights.
        **kwargs: Entries to replace in its config.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = MODELS.build(teacher_config(**kwargs))
        for name, value in net.state_dict().items():
            if name.endswith(('running_mean', 'running_var')):
                value.uniform_(0.5, 1.5)
    net.eval()  # whose result is None in mmpretrain
    return net


def teacher_config(**kwargs) -> dict:
    """Config of a teacher without its checkpoint."""
    return tiny.sub_backbone(
        **dict(dict(base_channels=WIDTH, stem_channels=WIDTH), **kwargs))


def pre_distillation(names: Sequence[str], folder: Path, **kwargs) -> dict:
    """Write a teacher per source; return the config that reads them.

    Args:
        names: The sources; number n gets `teacher_net(n)`.
        folder: Where the files go, as `<source>.pth`.
        **kwargs: Further entries of the config.
    """
    folder.mkdir(parents=True, exist_ok=True)
    teachers = {}
    for seed, name in enumerate(names):
        file = folder / f'{name}.pth'
        torch.save(teacher_net(seed).state_dict(), file)
        teachers[name] = teacher_config(
            init_cfg=dict(type='Pretrained', checkpoint=str(file)))
    return dict(type='PreDistillation', teachers=teachers, **kwargs)
