"""What the command line tools share: options, configs, error messages."""
import os
import platform
import shlex
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.device import get_device
from mmengine.dist import init_dist

from ..checkpoint_files import add_trust
from ..environment import installed_versions
from ..errors import UserError
from ..sources import COPIES, leave_unformatted, share_sources
from ..version import __version__

#: Options of `--cfg-options` that stand for an environment variable which
#: configs read: the folder of the datasets; a pre-trained ResNet's file, its
#: depth and its width, or the description of another network; an FPN's file.
VARIABLES = dict(
    data_root='XLEARNER_DATA',
    checkpoint='XLEARNER_CKPT',
    depth='XLEARNER_DEPTH',
    width='XLEARNER_WIDTH',
    network='XLEARNER_NETWORK',
    neck='XLEARNER_NECK')


def runner_parser(description: str) -> ArgumentParser:
    """Return a parser with the options of OpenMMLab's train and test."""
    parser = ArgumentParser(description=description)
    parser.add_argument('config', help='path of the config')
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override the config: key=value, e.g. sources.0.batch_size=2')
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    add_trust(parser)
    return parser


def runner_config(args: Namespace) -> Config:
    """Turn the options of :func:`runner_parser` into a runner's config.

    Started by torchrun on machines without accelerators, the processes talk
    through gloo, which MMEngine does not set up by itself.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = load_config(args.config, args.cfg_options)
    cfg.launcher = args.launcher
    cfg.work_dir = args.work_dir or cfg.get(
        'work_dir', f'work_dirs/{Path(args.config).stem}')
    if args.launcher == 'pytorch' and get_device() == 'cpu':
        init_processes(args.launcher)
        cfg.pop('sync_bn', None)  # torch has it for accelerators only
        cfg.setdefault(
            'model_wrapper_cfg',
            dict(
                type='MMDistributedDataParallel',
                device_ids=None,
                broadcast_buffers=False))
    return cfg


def init_processes(launcher: str, patience: int = 1800) -> None:
    """Connect the processes of a launcher; through gloo on the CPU.

    Args:
        launcher: 'pytorch', 'slurm' or 'mpi'; 'none' does nothing.
        patience: Seconds that a process may wait for another.
    """
    if launcher == 'pytorch' and get_device() == 'cpu':
        torch.distributed.init_process_group(
            'gloo', timeout=timedelta(seconds=patience))
    elif launcher != 'none':
        init_dist(launcher, timeout=patience)


def load_config(file: str,
                options: Mapping[str, object] | None = None,
                variables: Mapping[str, str] | None = None) -> Config:
    """Read a config and apply `--cfg-options` to it.

    An option on the top-level list `sources` reaches every part that uses
    the list. Options named in `VARIABLES` stand for environment variables,
    e.g. `data_root` for `XLEARNER_DATA`.

    Args:
        file: Path of the config.
        options: What `--cfg-options` gave, e.g. `{'sources.0.batch_size': 2}`.
        variables: Environment variables to set while the config is read.

    Raises:
        UserError: The file is missing, an option is on a copy of `sources`,
            the config does not read an option's variable, or it refuses a
            value.
    """
    options = dict(options or {})
    if not os.path.isfile(file):
        raise UserError(f'no config at {file}; check the path')
    for key in options:
        part, _, rest = key.partition('.')
        if part in COPIES and rest.split('.')[0] == 'sources':
            raise UserError(f'--cfg-options {key}: this is a copy of the '
                            f'top-level list; use {rest}=... in its place')
    given = {
        VARIABLES[key]: str(options.pop(key))
        for key in set(options) & set(VARIABLES)
    }
    with environment({**(variables or {}), **given}):
        try:
            cfg = Config.fromfile(file)
        except ValueError as error:  # of the config, about a variable
            raise UserError(f'{file}: {error}') from error
    unread = sorted(set(given) - set(cfg.env_variables))
    if unread:
        raise UserError(f'--cfg-options: {file} reads no {unread[0]}, so '
                        f'{_option(unread[0])}=... would change nothing')
    cfg.merge_from_dict(options)
    leave_unformatted(cfg)
    share_sources(cfg)
    return cfg


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, and put back what was there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _option(variable: str) -> str:
    return next(k for k, v in VARIABLES.items() if v == variable)


def run_tool(main: Callable[[], None]) -> None:
    """Run a program; say plainly what its user can mend.

    An error from a worker process arrives with the worker's traceback in
    front of the message; that is left out too. Any other exception keeps its
    traceback. Both end with a line for a bug report: the command, with its
    config, and the versions.

    Args:
        main: The program.
    """
    try:
        main()
    except (UserError, FloatingPointError, FileNotFoundError) as error:
        message = str(error).split('UserError: ')[-1].strip()
        sys.exit(f'error: {message}\n{_what_ran()}')
    except Exception:
        traceback.print_exc()
        sys.exit(_what_ran())
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def _what_ran() -> str:
    """Name the command with its config, and the versions, for a report."""
    versions = {'xlearner_mm': __version__, 'torch': torch.__version__}
    versions.update(installed_versions(), Python=platform.python_version())
    return (f'  in: {shlex.join(sys.argv)}\n  with: ' +
            ', '.join(f'{name} {v}' for name, v in versions.items()))
