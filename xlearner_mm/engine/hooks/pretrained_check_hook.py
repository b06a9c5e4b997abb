"""Weights that do not load stop the run.

MMEngine loads what fits and warns about the rest, so that a wrong prefix or
network trains from random weights without an error.
"""
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from ...errors import UserError
from ...registry import HOOKS

#: Default of `XLEARNER_CKPT` in `configs/downstream/_base_/backbone.py`.
UNSET = 'XLEARNER_CKPT_is_not_set'
#: Entries without a place in a backbone, and counters that old files lack.
_NO_MATTER = ('fc.', 'num_batches_tracked')


class Comparison(NamedTuple):
    """What of a checkpoint reached a model.

    Args:
        reached: Number of entries that some module holds.
        lost: Entries of the file that no module holds, and why.
        random: Entries of the modules that the file lacks.
    """

    reached: int
    lost: list[str]
    random: list[str]


def compare(state: Mapping[str, Tensor], model: nn.Module,
            modules: Sequence[str]) -> Comparison:
    """Compare a state dict with what is in a model, by value.

    Args:
        state: A bare state dict; its names are relative to the modules.
        model: The model.
        modules: Names of the modules that the file is for; each entry has to
            be in one of them.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 2))
        >>> compare(dict(weight=model[0].weight), model, ['0'])
        Comparison(reached=1, lost=[], random=['0.bias'])
    """
    held = {m: model.get_submodule(m).state_dict() for m in modules}
    lost, reached = [], 0
    for key, value in state.items():
        if key.startswith(_NO_MATTER[0]) or key.endswith(_NO_MATTER[1]):
            continue
        found = [own[key] for own in held.values() if key in own]
        if not found:
            lost.append(f'{key} (in no module)')
        elif found[0].shape != value.shape:
            lost.append(f'{key} {tuple(value.shape)} (there: '
                        f'{tuple(found[0].shape)})')
        elif not all(torch.equal(f.cpu(), value.to(f.dtype)) for f in found):
            lost.append(f'{key} (there: other values)')
        else:
            reached += 1
    random = [
        f'{m}.{key}' for m, own in held.items() for key in own
        if key not in state and not key.endswith(_NO_MATTER[1])
    ]
    return Comparison(reached, lost, random)


@HOOKS.register_module()
class PretrainedCheckHook(Hook):
    """Compare the model with the checkpoint it was to start from.

    Acts once, before the first iteration of a fresh training. A run that
    resumes, or that loads a whole model by `load_from`, is not compared, nor
    is validation or testing.

    Args:
        checkpoint: The file that `init_cfg` names: a bare state dict, or one
            under 'state_dict'.
        modules: Names of the modules that it is for.
        prefix: What of the file is for them: entries whose names begin so,
            e.g. 'backbone.'; the others are left out.
        may_stay_random: Beginnings of names in these modules that no
            pre-training has, e.g. 'roi_head.shared_head.norm'.

    Raises:
        UserError: The file is missing, some of it reached none of the
            modules, or some of them stayed random.
    """

    priority = 'VERY_HIGH'

    def __init__(self,
                 checkpoint: str,
                 modules: Sequence[str] = ('backbone', ),
                 may_stay_random: Sequence[str] = (),
                 prefix: str = '') -> None:
        self.checkpoint = checkpoint
        self.prefix = prefix
        self.modules = list(modules)
        self.may_stay_random = tuple(may_stay_random)

    def before_run(self, runner) -> None:
        """Say plainly that there is no file, before weights are read."""
        training = not isinstance(runner._train_loop, (dict, type(None)))
        if not training or runner._load_from:
            return  # a test, or a model that is loaded whole
        self.check_file()

    def check_file(self) -> None:
        """Refuse a path that was not set, or without a file.

        Raises:
            UserError: There is no file.
        """
        if self.checkpoint == UNSET:
            raise UserError('no backbone to start from; set XLEARNER_CKPT, or '
                            'give our tools --cfg-options checkpoint=FILE')
        if '://' not in self.checkpoint and not Path(
                self.checkpoint).is_file():
            raise UserError(f'no checkpoint at {self.checkpoint}; check the '
                            'path')

    def before_train(self, runner) -> None:
        """Compare, unless the run was resumed or loaded whole."""
        if runner.iter or runner._load_from:
            return
        state = CheckpointLoader.load_checkpoint(
            self.checkpoint, map_location='cpu')
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        state = {  # MMEngine strips DDP's prefix too
            key.removeprefix('module.'): value
            for key, value in state.get('state_dict', state).items()
        }
        given = {
            key[len(self.prefix):]: value
            for key, value in state.items() if key.startswith(self.prefix)
        }
        found = compare(given, model, self.modules)
        random = [
            key for key in found.random
            if not key.startswith(self.may_stay_random or '\0')
        ]
        where = ', '.join(self.modules)
        if found.lost or random:
            raise UserError(
                f'{self.checkpoint} does not fit {where}: '
                f'{found.reached} entries reached it; lost: '
                f'{_some(found.lost)}; stayed random: {_some(random)}. Check '
                'depth and width (options depth, width), that the names have '
                "no prefix such as 'backbone.', and that the network is "
                'a plain ResNet, not ResNetV1c; '
                'tools/model_converters/export_backbone.py writes such a file')
        runner.logger.info(f'all {found.reached} entries of {self.checkpoint} '
                           f'are in {where}; random: {_some(found.random)}')


def _some(names: Sequence[str]) -> str:
    if len(names) > 4:
        return ', '.join(names[:3]) + f' and {len(names) - 3} more'
    return ', '.join(names) or 'none'
