"""Parameters and FLOPs of each network of a stage (paper Fig. 4)."""
from collections.abc import Iterator, Sequence
from functools import partial

from mmengine.config import Config
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import DefaultScope
from torch import Tensor, nn

from ..errors import UserError
from ..models.backbones import ExpandedResNet, PrunedExpandedResNet
from ..models.backbones.backbone_weights import read_state
from ..models.backbones.families import family_of
from ..models.pruners import num_weights
from .cost_trace import Complexity, Trace

#: Parts of a model that may be networks; its heads are left out.
_PARTS = ('backbone', 'teacher', 'student')
_WHOLE = 'expanded, all tasks'


def complexity(cfg: Config,
               shape: tuple[int, int] = (224, 224),
               checkpoint: str | None = None) -> list[Complexity]:
    """Measure every network of a config's model.

    Sub-backbones, gammas and the expanded backbone (for one task's features:
    without what they do not need of the others; and for all tasks' together),
    a student, guidance layers, the teachers of X-Learner++, or the only
    backbone of a model of another kind. Heads are left out.

    Args:
        cfg: Config of a stage, or of any model with a backbone.
        shape: (H, W) of the image, in pixels.
        checkpoint: Count the non-zero weights of this run. Without one,
            they are known of a whole network to be pruned alone: what its
            budget keeps.

    Raises:
        UserError: The model has no such part, the shape is empty, or the
            checkpoint is missing or of another model.
    """
    if min(shape) < 1:
        raise UserError(f'shape={tuple(shape)}; give height and width in '
                        'pixels, >= 1')
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope')):
        model = MMENGINE_MODELS.build(cfg.model)
    if checkpoint is not None:
        _load(model, checkpoint)
    model.eval()
    rows = [
        row for part in _PARTS if getattr(model, part, None) is not None
        for row in _part(getattr(model, part), part, shape)
    ]
    rows.extend(_guidance(model, shape))
    if not rows:
        raise UserError(f'{cfg.model.type} has none of the parts {_PARTS}, '
                        'so there is nothing to measure')
    if checkpoint is None:
        rows = [row._replace(nonzero=_planned(row, model)) for row in rows]
    return rows


def _part(net: nn.Module, part: str,
          shape: tuple[int, int]) -> Iterator[Complexity]:
    if not isinstance(net, ExpandedResNet):
        yield Trace(net, net, shape).cost(part)
        return
    for task, sub in net.sub_backbones.items():
        yield Trace(sub, sub, shape).cost(f'sub-backbone {task}')
    together = Trace(net, net.forward_all, shape)
    if net.reconciliation is not None:
        fused = {
            task: Trace(net, partial(net, task=task), shape)
            for task in net.tasks
        }
        for task, trace in fused.items():
            yield trace.cost(f'gammas into {task}', 'reconciliation')
        yield together.cost('gammas', 'reconciliation')
        for task, trace in fused.items():
            yield trace.cost(f'expanded, features of {task}')
    yield together.cost(_WHOLE)


def _planned(row: Complexity, model: nn.Module) -> int | None:
    """Tell how many weights X-Learner_p will keep of a whole network."""
    net = getattr(model, 'backbone', None)
    if isinstance(net, PrunedExpandedResNet) and row.network == _WHOLE:
        return row.params - num_weights(net) + net.budget
    return None


def _guidance(model: nn.Module, shape: tuple[int,
                                             int]) -> Iterator[Complexity]:
    """Measure the teachers and guidance layers, which export leaves out."""
    if getattr(model, 'student', None) is not None:
        stages = family_of(model.student).out_stages(model.student)
        run = partial(_guide_student, model, stages)
        yield Trace(model, run, shape).cost('guidance layers', 'guidance')
    hints = getattr(model, 'pre_distillation', None)
    if hints is not None and hints.teachers:
        for source, net in hints.teachers.items():
            cost = Trace(net, net, shape).cost(f'teacher {source}')
            yield cost._replace(nonzero=None)  # in no checkpoint of ours
        run = partial(_guide_sub_backbones, model)
        yield Trace(model, run, shape).cost('guidance layers',
                                            'pre_distillation.guidance')


def _guide_student(model: nn.Module, stages: Sequence[int],
                   x: Tensor) -> list[Tensor]:
    """Run the guidance layers of a squeeze."""
    feats = dict(zip(stages, model.student(x)))
    guided = []
    for key, layer in model.guidance.items():
        feat = feats[int(key.rpartition('_')[2])]
        guided.append(layer(feat, feat.shape[-2:]))
    return guided


def _guide_sub_backbones(model: nn.Module, x: Tensor) -> list[Tensor]:
    """Run the guidance layers of X-Learner++."""
    guided = []
    for source, layers in model.pre_distillation.guidance.items():
        net = model.backbone.sub_backbones[model.task_of[source]]
        stages = model.backbone.out_stages[model.task_of[source]]
        feats = dict(zip(stages, net(x)))
        for stage, layer in layers.items():
            feat = feats[int(stage)]
            guided.append(layer(feat, feat.shape[-2:]))
    return guided


def _load(model: nn.Module, checkpoint: str) -> None:
    try:
        model.load_state_dict(read_state(checkpoint))
    except RuntimeError as error:
        raise UserError(f'{checkpoint} is of another model than the config: '
                        f'{error}') from error


def as_table(rows: Sequence[Complexity]) -> str:
    """Write a Markdown table, in millions and thousand millions."""
    lines = [
        '| network | parameters (M) | non-zero (M) | FLOPs (G) |',
        '|---|---|---|---|'
    ]
    for row in rows:
        nonzero = '-' if row.nonzero is None else f'{row.nonzero / 1e6:.3f}'
        lines.append(f'| {row.network} | {row.params / 1e6:.3f} | {nonzero} | '
                     f'{row.flops / 1e9:.3f} |')
    return '\n'.join(lines)
