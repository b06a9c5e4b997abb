"""X-Learner for OpenMMLab; importing it registers its parts."""
from .environment import check_environment
from .version import __version__

check_environment()

from . import models, engine, datasets, evaluation  # noqa: E402, isort: skip

__all__ = ['__version__']
