"""What the command line tools share: configs, options, error messages."""
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mmengine.config import Config

from ..errors import UserError
from ..sources import COPIES, share_sources

#: Environment variable with the folder that holds a config's datasets.
DATA_ROOT = 'XLEARNER_DATA'


def load_config(file: str, options: Mapping[str, object] | None = None
                ) -> Config:
    """Read a config and apply `--cfg-options` to it.

    An option on the top-level list `sources` reaches every part that uses
    the list. The option `data_root` stands for the environment variable
    `XLEARNER_DATA`.

    Args:
        file: Path of the config.
        options: What `--cfg-options` gave, e.g. `{'sources.0.batch_size': 2}`.

    Raises:
        UserError: The file is missing, or an option is on a copy of
            `sources`.
    """
    options = dict(options or {})
    if not os.path.isfile(file):
        raise UserError(f'no config at {file}; check the path')
    for key in options:
        part, _, rest = key.partition('.')
        if part in COPIES and rest.split('.')[0] == 'sources':
            raise UserError(f'--cfg-options {key}: this is a copy of the '
                            f'top-level list; use {rest}=... in its place')
    if 'data_root' in options:
        os.environ[DATA_ROOT] = str(options.pop('data_root'))
    # Formatting would cost seconds at each checkpoint, which stores the text.
    cfg = Config.fromfile(file, format_python_code=False)
    cfg.merge_from_dict(options)
    share_sources(cfg)
    return cfg


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the program with the message alone where a user can mend it.

    An error from a worker process arrives with the worker's traceback in
    front of the message; that is left out too.
    """
    try:
        yield
    except (UserError, FloatingPointError) as error:
        message = str(error).split('UserError: ')[-1].strip()
        sys.exit(f'error: {message}')
