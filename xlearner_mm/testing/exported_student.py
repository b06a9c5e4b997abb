"""An exported student in upstream's ResNets, to be timed."""
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torchvision
from mmengine.config import Config
from torch import nn

from ..apis.export import build_target, export_backbone
from ..registry import MODELS
from . import step_inputs

#: Where an exported student is loaded.
PACKAGES = ('torchvision', 'mmpretrain', 'mmdet')


def plain_and_students(depth: int) -> dict[str, nn.Module]:
    """Build a plain torchvision ResNet and the same student in each package.

    All are in evaluation mode, and torchvision's without classifier.

    Args:
        depth: That of the ResNets.

    Returns:
        'plain', with torchvision's own weights, and one of each of
        `PACKAGES`, loaded strictly from one exported file.
    """
    nets = dict(plain=getattr(torchvision.models, f'resnet{depth}')())
    with TemporaryDirectory() as folder:
        run, file = Path(folder) / 'iter_1.pth', Path(folder) / 'student.pth'
        write_squeeze(depth, run)
        backbone = export_backbone(str(run), str(file))
        for package in PACKAGES:
            net = build_target(backbone.cfg, package)
            missing, unexpected = net.load_state_dict(
                torch.load(file, weights_only=True), strict=False)
            assert {k.split('.')[0] for k in missing} <= {'fc'}
            assert not unexpected
            nets[package] = net
    for name, net in nets.items():
        net.eval()
        if isinstance(net, torchvision.models.ResNet):
            nets[name] = nn.Sequential(*list(net.children())[:-2])
    return nets


def write_squeeze(depth: int, file: Path) -> None:
    """Write a checkpoint of a squeeze whose weights are random.

    Args:
        depth: That of the student; its teachers are ResNet-18.
        file: As a runner would have written it.
    """
    model = dict(
        type='SqueezeDistiller',
        teacher=dict(
            type='ExpandedResNet',
            sub_backbone=step_inputs.sub_backbone(18),
            init_cfg=dict(checkpoint='of random weights')),
        student=step_inputs.sub_backbone(depth),
        sources=step_inputs.sources(18, 2, 64, 1))
    cfg = Config(dict(model=model), format_python_code=False)
    torch.save(
        dict(
            state_dict=MODELS.build(model).state_dict(),
            meta=dict(cfg=cfg.pretty_text)), file)
