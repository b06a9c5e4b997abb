"""Which mm packages xlearner_mm works with, checked before they are imported.

Two stacks provide the same modules under different distribution names: the
maintained forks (``onedl-*``) and the last official releases. The check reads
metadata only, so that a wrong set-up gets one clear message in place of an
error from deep inside a package.
"""
from collections.abc import Mapping
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, version

from packaging.specifiers import SpecifierSet

#: module -> (its fork's distribution, its official one, versions we support)
SUPPORTED: dict[str, tuple[str, str, str]] = {
    'mmengine': ('onedl-mmengine', 'mmengine', '>=0.10.7,<0.11'),
    'mmcv': ('onedl-mmcv', 'mmcv', '>=2.1.0,<2.4'),
    'mmdet': ('onedl-mmdetection', 'mmdet', '>=3.3.0,<3.6'),
    'mmseg': ('onedl-mmsegmentation', 'mmsegmentation', '>=1.2.2,<1.5'),
    'mmpretrain': ('onedl-mmpretrain', 'mmpretrain', '>=1.2.0,<1.4'),
}

REMEDY = """Install one of the two stacks into a new environment:
  make env                      (onedl forks; STACK=openmmlab: the official)
or by hand, here for the forks:
  pip install -r requirements/torch-onedl.txt
  pip install --no-build-isolation -r requirements/mminstall-onedl.txt"""


def installed_versions() -> dict[str, str]:
    """Versions of the distributions of ``SUPPORTED`` that are installed."""
    found = {}
    for fork, official, _ in SUPPORTED.values():
        for name in (fork, official):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found


def has_mmcv_ops() -> bool:
    """Whether mmcv has its compiled operators, without importing mmcv.

    ``mmcv-lite``, and an mmcv that was built while torch was missing, lack
    them; mmdet then fails at run time only.
    """
    spec = PathFinder.find_spec('mmcv')
    if spec is None:
        return False
    return PathFinder.find_spec('mmcv._ext',
                                spec.submodule_search_locations) is not None


def find_problems(installed: Mapping[str, str], has_ops: bool) -> list[str]:
    """Compare what is installed with what xlearner_mm supports.

    Args:
        installed: version of each installed distribution, by its name.
        has_ops: whether mmcv has its compiled operators.

    Returns:
        One sentence per problem; empty when there is none.

    Example:
        >>> find_problems({'mmcv': '2.0.1'}, has_ops=True)[1]
        'mmcv 2.0.1 is installed, supported is >=2.1.0,<2.4'
    """
    problems = []
    for module, (fork, official, supported) in SUPPORTED.items():
        names = [name for name in (fork, official) if name in installed]
        if not names:
            problems.append(f'{module} is not installed '
                            f'(distribution {fork} or {official})')
        if len(names) == 2:
            problems.append(f'{fork} and {official} are both installed and '
                            f'overwrite each other')
        for name in names:
            if not SpecifierSet(supported).contains(
                    installed[name], prereleases=True):
                problems.append(f'{name} {installed[name]} is installed, '
                                f'supported is {supported}')
    mmcv_names = SUPPORTED['mmcv'][:2]
    if not has_ops and any(name in installed for name in mmcv_names):
        problems.append(
            'mmcv has no compiled operators (mmcv._ext): it was built without '
            'torch, or mmcv-lite overwrote it')
    return problems


def check_environment() -> None:
    """Raise with every problem and the remedy if the mm packages do not fit.

    Raises:
        ImportError: a package is missing, doubly installed, out of range, or
            mmcv lacks its operators.
    """
    problems = find_problems(installed_versions(), has_mmcv_ops())
    if problems:
        listed = '\n'.join(f'  - {problem}' for problem in problems)
        raise ImportError(
            f'xlearner_mm cannot be used here:\n{listed}\n{REMEDY}')
