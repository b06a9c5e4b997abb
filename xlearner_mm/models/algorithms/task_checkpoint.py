"""Start an expansion from networks that were trained apart."""
from collections.abc import Mapping

from mmengine.logging import print_log
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from ...errors import UserError

StateDict = Mapping[str, Tensor]


def load_task_checkpoint(model: nn.Module, task: str, file: str) -> None:
    """Load the sub-backbone of a task, and its heads where they match.

    Four kinds of file are understood: an expansion of ours that has the
    task (also of this task alone), a model of ours or of upstream with one
    `backbone.`, a squeeze, whose student is taken (X-Learner_r), and a bare
    backbone. Heads of ours are found by the source's name; an upstream
    model's head goes to the task's only source.

    Args:
        model: An ExpansionModel.
        task: t.
        file: Path or URL of the checkpoint.

    Raises:
        UserError: The file holds a sub-backbone of another depth or width,
            or none.
    """
    checkpoint = CheckpointLoader.load_checkpoint(file, map_location='cpu')
    state = checkpoint.get('state_dict', checkpoint)
    net = model.backbone.sub_backbones[task]
    expected = net.state_dict()
    prefixes = (f'backbone.sub_backbones.{task}.', f'sub_backbones.{task}.',
                'backbone.', 'student.', '')
    found = {prefix: _below(state, prefix) for prefix in prefixes}
    prefix = max(prefixes, key=lambda p: len(set(found[p]) & set(expected)))
    # A bare backbone's file may hold a classifier, but no further layers.
    parts = {k.split('.')[0] for k in expected}
    weights = {
        k: v
        for k, v in found[prefix].items() if k.split('.')[0] in parts
    }
    shapes = {k: v.shape for k, v in weights.items()}
    wrong = sorted(k for k in {*weights, *expected}
                   if k not in expected or shapes.get(k) != expected[k].shape)
    if wrong:
        raise UserError(
            f"task_checkpoints: {file} does not fit the sub-backbone of task "
            f"'{task}': of its {len(expected)} weights and those in the file, "
            f'{len(wrong)} are missing, of another shape or too many, e.g. '
            f'{wrong[:3]}; give a checkpoint of the same depth and width')
    net.load_state_dict(weights)
    heads = _load_heads(model, task, state)
    print_log(
        f"task '{task}': sub-backbone from {file} ('{prefix}'), heads "
        f'of sources {heads or "none"}', 'current')


def _load_heads(model: nn.Module, task: str, state: StateDict) -> list[str]:
    """Load the heads that match completely; return their sources."""
    sources = [name for name, t in model.task_of.items() if t == task]
    loaded = []
    for name in sources:
        head = model.heads[name]
        own = _below(state, f'heads.{name}.')
        if not own and len(sources) == 1:
            own = {
                k: v
                for k, v in state.items() if not k.startswith('backbone.')
            }
        shapes = {k: v.shape for k, v in head.state_dict().items()}
        if own and shapes == {k: v.shape for k, v in own.items()}:
            head.load_state_dict(own)
            loaded.append(name)
    return loaded


def _below(state: StateDict, prefix: str) -> dict[str, Tensor]:
    return {
        k[len(prefix):]: v
        for k, v in state.items() if k.startswith(prefix)
    }
