"""X-Learner for OpenMMLab; importing it registers its parts."""
from .environment import check_environment
from .version import __version__

check_environment()

from . import (  # noqa: E402, isort: skip
    checkpoint_files, models, engine, datasets, evaluation)

__all__ = ['__version__']
