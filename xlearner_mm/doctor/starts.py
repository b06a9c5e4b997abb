"""What the networks of a config start from, and how that is compared."""
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from mmengine.registry import HOOKS as MMENGINE_HOOKS
from torch import nn

from ..engine.hooks.pretrained_check_hook import PretrainedCheckHook
from ..errors import UserError
from ..models.algorithms.guided_student_model import GuidedStudentModel
from ..models.algorithms.pruned_expansion_model import PrunedExpansionModel
from ..models.algorithms.task_checkpoint import load_task_checkpoint
from ..models.backbones import ExpandedResNet
from ..models.backbones.backbone_weights import (below, load_backbone,
                                                 read_state)
from .building import attempt
from .case import Case
from .finding import ERROR, WARNING


class Start(NamedTuple):
    """A file that some network starts from.

    Args:
        where: Where the config names it.
        file: Its path.
        load: Loads it, which raises where it does not fit.
        level: Of a finding that it does not fit.
    """

    where: str
    file: str
    load: Callable[[], object]
    level: str = ERROR


def pretrained_hooks(case: Case) -> list[PretrainedCheckHook]:
    hooks = [
        attempt(lambda: MMENGINE_HOOKS.build(dict(cfg)))
        for cfg in case.cfg.get('custom_hooks') or ()
        if str(cfg.get('type')).endswith('PretrainedCheckHook')
    ]
    return [hook for hook in hooks if isinstance(hook, PretrainedCheckHook)]


def starts(case: Case, model: nn.Module) -> Iterator[Start]:
    """Yield what the project can compare with the model."""
    if case.cfg.get('load_from'):
        # A model with other heads may be wanted; MMEngine only warns.
        yield Start('load_from', case.cfg.load_from,
                    partial(_load_whole, model, case.cfg.load_from), WARNING)
    for task, file in getattr(model, 'task_checkpoints', {}).items():
        yield Start(f'model.task_checkpoints.{task}', file,
                    partial(load_task_checkpoint, model, task, file))
    if isinstance(model, PrunedExpansionModel):
        yield Start('model.expansion', model.expansion, model.load_expansion)
    if isinstance(model, GuidedStudentModel):
        for name in ('squeeze', 'expansion'):
            if getattr(model, name):
                yield Start(f'model.{name}', getattr(model, name),
                            getattr(model, f'load_{name}'))
    hints = getattr(model, 'pre_distillation', None)
    for source, file in hints.files.items() if hints is not None else ():
        yield Start(f'model.pre_distillation.teachers.{source}', file,
                    partial(hints.load_teacher, source))
    for name, module in model.named_modules():
        init = getattr(module, 'init_cfg', None)
        if isinstance(module, ExpandedResNet) and isinstance(
                init, dict) and init.get('checkpoint'):
            yield Start(
                f'model.{name}.init_cfg'.replace('..', '.'),
                init['checkpoint'],
                partial(_load_expanded, module, init['checkpoint'],
                        init.get('prefix', '')))
    for hook in pretrained_hooks(case):
        # One that allows for random parts, a C4 detector's, tells by value.
        for name in () if hook.may_stay_random else hook.modules:
            net = model.get_submodule(name)
            yield Start(
                f'model.{name}', hook.checkpoint,
                partial(_load_plain, net, hook.checkpoint, hook.prefix))


def _load_whole(model: nn.Module, file: str) -> None:
    """Compare a file with the whole model; MMEngine would only warn."""
    state = {
        key.removeprefix('module.'): value
        for key, value in read_state(file).items()
    }
    own = {k: v.shape for k, v in model.state_dict().items()}
    fitting = [k for k in own if k in state and state[k].shape == own[k]]
    if len(fitting) < len(own):
        raise UserError(
            f'{file} has {len(fitting)} of the {len(own)} entries of this '
            'model, the others would stay random; give a checkpoint of the '
            'same config')


def _load_expanded(net: ExpandedResNet, file: str, prefix: str) -> None:
    net.load_state_dict(below(read_state(file), prefix), strict=False)


def _load_plain(net: nn.Module, file: str, prefix: str) -> None:
    load_backbone(net, read_state(file), [prefix],
                  f'{file} does not fit the {type(net).__name__}')
