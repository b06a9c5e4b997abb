"""What downstream configs start from: a backbone's weights, described.

A plain ResNet is described by its depth and width, an expanded network by a
file beside its weights, `backbone.network.json` of `backbone.pth`: a base
config with `resnet` and `channels`, as configs/downstream/_base_/resnet.py.
"""
import json
from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log
from torch import Tensor

from ..checkpoint_files import write_tensors
from ..errors import UserError
from ..models.backbones import ExpandedBackbone
from .cli import VARIABLES
from .export import read_expanded
from .plain import (NoResNet, is_ours, read_backbone, read_checkpoint,
                    shape_of, write_plain)

#: As a plain ResNet starts in the downstream configs, whatever it had in
#: pre-training.
_OPTIONS = dict(out_indices=[0, 1, 2, 3], frozen_stages=-1, norm_eval=False)


def expanded_in(file: str) -> tuple[dict, dict[str, Tensor]] | None:
    """Read the expanded network of a checkpoint, if it ends in one.

    What ends X-Learner_r and X-Learner_p: `ExpansionModel` and
    `PrunedExpansionModel`.

    Args:
        file: Any checkpoint, of ours or of another trainer.

    Returns:
        Config and weights, see :func:`read_expanded`; None for a plain
        backbone.

    Raises:
        UserError: There is no such file.
    """
    return read_expanded(file) if is_ours(read_checkpoint(file)) else None


def write_backbone(src: str,
                   dst: Path,
                   out_tasks: Sequence[str] | None = None) -> None:
    """Write a checkpoint's backbone, plain or expanded, for the configs.

    Args:
        src: Any checkpoint, of ours or of another trainer.
        dst: The file to write: the backbone's own state dict. The description
            of an expanded network is written beside it.
        out_tasks: Of an expanded network, the tasks whose fused features are
            concatenated, stage by stage; None: all of them, in order.

    Raises:
        UserError: The checkpoint cannot be read, has no such task, or is a
            plain backbone, which has no tasks.
    """
    expanded = expanded_in(src)
    if expanded is None:
        if out_tasks is not None:
            raise UserError(
                f'{src}: out_tasks={list(out_tasks)} chooses features of an '
                'expanded network, but this holds a plain backbone; leave '
                'the option out')
        write_plain(src, dst)
        description_of(dst).unlink(missing_ok=True)  # of what was there
        return
    network, weights = expanded
    backbone = ExpandedBackbone(network, out_tasks, **_OPTIONS)
    backbone.network.load_state_dict(weights)
    print_log(
        f'{src}: expanded network, features of {list(backbone.out_tasks)}, '
        f'channels {backbone.out_channels}', 'current')
    write_tensors(backbone.state_dict(), dst)
    resnet = dict(
        type='xlearner_mm.ExpandedBackbone',
        network=network,
        out_tasks=list(backbone.out_tasks),
        init_cfg=dict(prefix='network.'),  # the configs add the file
        **_OPTIONS)
    description_of(dst).write_text(
        json.dumps(
            dict(resnet=resnet, channels=list(backbone.out_channels)),
            indent=2))


def description_of(file: Path) -> Path:
    """Name the description of an expanded network's weights."""
    return file.with_suffix('.network.json')


def backbone_variables(file: str) -> dict[str, str]:
    """Return the environment variables that tell configs of a backbone.

    Args:
        file: Its checkpoint, with its description if :func:`write_backbone`
            gave it one; of no plain ResNet without it, only the path is told.
    """
    found = {VARIABLES['checkpoint']: file}
    description = description_of(Path(file)).resolve()
    if description.is_file():
        return {**found, VARIABLES['network']: str(description)}
    try:
        shape = shape_of(read_backbone(file))
    except NoResNet:
        return found
    return {
        **found, VARIABLES['depth']: str(shape.depth),
        VARIABLES['width']: str(shape.width)
    }
