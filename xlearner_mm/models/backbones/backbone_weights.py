"""A backbone's weights out of a checkpoint, all of them or an error."""
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from ...checkpoint_files import load_from_file
from ...errors import UserError

StateDict = Mapping[str, Tensor]
#: A counter that old files lack; PyTorch fills it in.
_COUNTER = 'num_batches_tracked'
#: Where a model with one backbone, a squeeze (its student) and a bare one
#: keep the weights.
PLAIN_PREFIXES = ('backbone.', 'student.', '')


def read_state(file: str) -> StateDict:
    """Read the state dict of a checkpoint.

    A local file is mapped into memory, so that of a checkpoint with its
    optimizer only what is used is read.

    Args:
        file: Path or URL of a bare state dict, or of one under 'state_dict'.

    Raises:
        UserError: There is no such file.
    """
    check_is_there(file)
    if '://' in file:
        checkpoint = CheckpointLoader.load_checkpoint(file, map_location='cpu')
    else:
        checkpoint = load_from_file(file, map_location='cpu', mmap=True)
    return checkpoint.get('state_dict', checkpoint)


def check_is_there(file: str) -> None:
    """Refuse a path without a file; a URL is not looked up.

    Raises:
        UserError: There is no such file.
    """
    if '://' not in file and not Path(file).is_file():
        raise UserError(f'no checkpoint at {file}; check the path, or train '
                        'the stage that writes it first')


def prefixes_of(task: str) -> tuple[str, ...]:
    """List where a checkpoint may keep the backbone of a task.

    An expansion of ours that has the task, an expanded backbone, a model of
    ours or of upstream with one `backbone.`, a squeeze, and a bare backbone.
    """
    return (f'backbone.sub_backbones.{task}.', f'sub_backbones.{task}.',
            *PLAIN_PREFIXES)


def load_backbone(net: nn.Module, state: StateDict, prefixes: Sequence[str],
                  label: str) -> str:
    """Load a backbone from the place in a state dict that fits it best.

    Args:
        net: The backbone.
        state: What :func:`read_state` returns.
        prefixes: Where the backbone may be, the likeliest first.
        label: What is loaded from where to where, to begin the error with.

    Returns:
        The prefix under which the weights were.

    Raises:
        UserError: A weight is missing, of another shape or too many.
    """
    expected = net.state_dict()
    found = {prefix: below(state, prefix) for prefix in prefixes}
    prefix = max(prefixes, key=lambda p: len(set(found[p]) & set(expected)))
    # A bare backbone's file may hold a classifier, but no further layers.
    parts = {k.split('.')[0] for k in expected}
    weights = {
        k: v
        for k, v in found[prefix].items() if k.split('.')[0] in parts
    }
    given = {k: tuple(v.shape) for k, v in weights.items()}
    own = {
        k: tuple(v.shape)
        for k, v in expected.items() if k in given or not k.endswith(_COUNTER)
    }
    wrong = [k for k in {**own, **given} if given.get(k) != own.get(k)]
    if wrong:
        raise UserError(
            f'{label}: of its {len(expected)} weights and those in the file, '
            f'{len(wrong)} are missing, of another shape or too many, e.g. '
            f'{wrong[0]} (in the file: {given.get(wrong[0])}, in the network: '
            f'{own.get(wrong[0])}); give a checkpoint of the same depth and '
            'width')
    net.load_state_dict(weights)
    return prefix


def below(state: StateDict, prefix: str) -> dict[str, Tensor]:
    """Take the entries under a prefix, without it."""
    return {
        k[len(prefix):]: v
        for k, v in state.items() if k.startswith(prefix)
    }
