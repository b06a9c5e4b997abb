"""Reading and writing checkpoint files; reading runs no code of theirs.

Importing this module puts :func:`load_from_file` and :func:`load_from_web` in
the place of MMEngine's own loaders, so that whatever reads a checkpoint by a
path, an http(s) address, or a name such as 'torchvision://resnet50' goes
through them: `resume`, `load_from`, `init_cfg`, and our own tools.
"""
import io
import os
import pickle
from argparse import Action, ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse
from zipfile import is_zipfile

import safetensors.torch
import torch
from mmengine.dist import barrier, get_dist_info
from mmengine.runner import CheckpointLoader
from mmengine.runner import checkpoint as mmengine_checkpoint
from safetensors import SafetensorError
from torch import Tensor

from . import safe_pickle
from .errors import UserError
from .files import write_whole

#: Environment variable that allows checkpoints to run code. A variable, so
#: that it reaches the processes which our tools start.
TRUST = 'XLEARNER_TRUST'
_ZIP = b'PK\x03\x04'


class Unreadable(UserError):
    """A checkpoint is damaged."""


class _Trust(Action):
    """Set the environment variable when the option is read."""

    def __call__(self, *_: object) -> None:
        os.environ[TRUST] = '1'


def add_trust(parser: ArgumentParser) -> None:
    """Give a tool the option `--trust`."""
    parser.add_argument(
        '--trust',
        action=_Trust,
        nargs=0,
        help='load checkpoints although they may run any code; for files '
        'whose maker you know')


@CheckpointLoader.register_scheme('', force=True)
def load_from_file(filename: str | Path,
                   map_location: object = None,
                   mmap: bool = False) -> Mapping:
    """Read a `.pth` or `.safetensors` file.

    Args:
        filename: The file; a leading `~` is the home folder.
        map_location: See `torch.load`.
        mmap: Whether tensors are mapped into memory, so that only those which
            are used are read; not those of PyTorch before 1.6.

    Raises:
        FileNotFoundError: There is no such file.
        Unreadable: It is damaged.
        UserError: It names classes or functions that may run code, or is a
            TorchScript archive, and is not trusted.
    """
    file = os.path.expanduser(filename)
    if not os.path.isfile(file):
        raise FileNotFoundError(f'{file} can not be found.')
    trusted = bool(os.environ.get(TRUST))
    try:
        if file.endswith('.safetensors'):
            return safetensors.torch.load_file(file)
        if not trusted and _is_torchscript(file):
            raise safe_pickle.RefusedClass('a TorchScript program')
        checkpoint = torch.load(
            file,
            map_location,
            pickle if trusted else safe_pickle,
            weights_only=False,
            mmap=mmap and is_zipfile(file))
    except safe_pickle.RefusedClass as error:
        raise UserError(
            f'{file} contains {error.name}, which is no part of a checkpoint '
            'and may run any code when it is loaded; if you know who made '
            'the file, allow it with --trust (any other program: set '
            f'{TRUST}=1), else get the weights as .safetensors') from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError,
            AttributeError, TypeError, AssertionError, pickle.UnpicklingError,
            SafetensorError) as error:
        reason = str(error).strip().split('\n')[0]
        if 'memory' in reason or 'deserialize object on' in reason:
            raise  # of the machine, not of the file
        raise Unreadable(f'{file} is damaged or no checkpoint: {reason}; '
                         'copy or train it again') from error
    meta = checkpoint.get('meta') if isinstance(checkpoint, dict) else None
    if not trusted and isinstance(meta, dict):
        meta.pop('config', None)  # of MMCV's runner; MMEngine would run it
    return checkpoint


def _is_torchscript(file: str) -> bool:
    """Tell whether `torch.load` would hand a file to `torch.jit`."""
    with open(file, 'rb') as stream:
        if stream.read(len(_ZIP)) != _ZIP:
            return False
    return 'constants.pkl' in torch._C.PyTorchFileReader(
        file).get_all_records()


@CheckpointLoader.register_scheme(('http://', 'https://'), force=True)
def load_from_web(filename: str, map_location: object = None) -> Mapping:
    """Download a file, unless torch's cache has it, and read it.

    Args:
        filename: Its address.
        map_location: See `torch.load`.
    """
    folder = Path(torch.hub.get_dir(), 'checkpoints')
    file = folder / Path(urlparse(filename).path).name
    for turn in (True, False):  # rank 0 first; others have its file, or not
        if (get_dist_info()[0] == 0) == turn and not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(filename, str(file))
        barrier()
    return load_from_file(file, map_location)


# What names such as 'torchvision://resnet50' stand for is read by this.
mmengine_checkpoint.load_from_http = load_from_web


def write_tensors(state: Mapping[str, Tensor], dst: Path) -> None:
    """Write a state dict and nothing else, the whole file at once.

    Args:
        state: The weights.
        dst: The file: `.safetensors`, or any other name for torch's format.
    """
    dst.parent.mkdir(parents=True, exist_ok=True)
    if dst.suffix == '.safetensors':
        # The format knows neither strides nor shared memory.
        packed = torch.contiguous_format
        content = safetensors.torch.save({
            k: v.clone(memory_format=packed)
            for k, v in state.items()
        })
    else:
        stream = io.BytesIO()
        torch.save(dict(state), stream)
        content = stream.getvalue()
    write_whole(dst, content)
