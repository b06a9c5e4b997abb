"""An examination: a list of checks, each of which yields findings."""
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmengine.config import Config
from mmengine.dist import (all_gather_object, barrier, get_world_size,
                           init_dist, is_distributed, is_main_process)
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope

from .batches import check_batches
from .case import Case
from .checkpoints import check_checkpoints
from .disk import check_disk
from .finding import ERROR, OK, WARNING, Finding, as_page, with_level
from .label_spaces import check_label_spaces
from .names import check_names
from .paths import check_paths
from .type_names import check_types
from .versions import check_versions

CHECKS = (check_versions, check_names, check_types, check_paths,
          check_label_spaces, check_checkpoints, check_disk, check_batches)
_WAY_ROUND = '\n\nNot started; tools/train.py --no-doctor starts all the same.'


def examine(cfg: Config, world_size: int = 1) -> list[Finding]:
    """Run all checks on a config.

    Nothing is loaded: datasets leave their annotations unread, networks have
    no values, checkpoints are mapped. It takes seconds, also at the scale
    of a million images.

    Args:
        cfg: The config as a runner gets it, of ours or of a stock runner.
        world_size: Processes it is to be trained with.

    Returns:
        All findings, in the order of the checks.
    """
    case = Case(cfg, world_size)
    with _quiet(), DefaultScope.overwrite_default_scope(
            cfg.get('default_scope')):
        return [found for check in CHECKS for found in _run(check, case)]


def refuse_mistakes(cfg: Config) -> None:
    """Examine a config before its training starts; stop at an error.

    One process of each machine examines, since machines may see other disks;
    the first of all speaks, and only then do all of them stop: a launcher
    ends the others as soon as one has.

    Args:
        cfg: The config, with its `launcher`.

    Raises:
        SystemExit: There are errors, which were written to stderr; code 1.
    """
    if cfg.get('launcher', 'none') != 'none' and not is_distributed():
        init_dist(  # as the runner would
            cfg.launcher,
            **cfg.get('env_cfg', {}).get('dist_cfg', {}))
    asked = not is_distributed() or os.environ['LOCAL_RANK'] == '0'
    findings = [
        finding for found in all_gather_object(
            examine(cfg, get_world_size()) if asked else [])
        for finding in found if finding.level != OK
    ]
    wrong = with_level(findings, ERROR)
    if is_main_process():
        page = as_page(f'doctor: {cfg.filename}',
                       list(dict.fromkeys(findings)))
        print(page + _WAY_ROUND * bool(wrong), file=sys.stderr, flush=True)
    barrier()
    if wrong:
        raise SystemExit(1)


def _run(check: Callable, case: Case) -> list[Finding]:
    """Run a check, whose own mistakes must not stop a training."""
    try:
        return list(check(case))
    except Exception as error:
        return [
            Finding(WARNING, check.__name__,
                    f'the doctor could not finish this check: {error!r}',
                    'training may be all right; please report it')
        ]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep upstream from telling what it builds and loads."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(level)
