"""Start an expansion from networks that were trained apart."""
from mmengine.logging import print_log
from torch import nn

from ..backbones.backbone_weights import (StateDict, below, load_backbone,
                                          prefixes_of, read_state)


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
        UserError: The file is missing, or holds a sub-backbone of another
            depth or width, or none.
    """
    state = read_state(file)
    prefix = load_backbone(
        model.backbone.sub_backbones[task], state, prefixes_of(task),
        f'task_checkpoints: {file} does not fit the sub-backbone of task '
        f"'{task}'")
    heads = load_heads(model, task, state)
    print_log(
        f"task '{task}': sub-backbone from {file} ('{prefix}'), heads "
        f'of sources {heads or "none"}', 'current')


def load_heads(model: nn.Module, task: str, state: StateDict) -> list[str]:
    """Load the heads of a task that match completely.

    Args:
        model: A MultiSourceModel.
        task: t.
        state: What :func:`read_state` returns.

    Returns:
        The sources whose heads were loaded.
    """
    sources = [name for name, t in model.task_of.items() if t == task]
    loaded = []
    for name in sources:
        head = model.heads[name]
        own = below(state, f'heads.{name}.')
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
