"""Package xlearner_mm; ``.mim`` carries configs and tools, for MIM."""
import re
import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
MIM_ITEMS = ('configs', 'tools', 'model-index.yml')


def read_version() -> str:
    """Read the version without importing the package."""
    text = (ROOT / 'xlearner_mm' / 'version.py').read_text()
    return re.search(r"^__version__ = '(.+)'$", text, re.M).group(1)


def parse_requirements(name: str) -> list[str]:
    """Return the requirements of ``requirements/{name}.txt``."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def add_mim_extension() -> None:
    """Fill ``xlearner_mm/.mim``, where MIM looks for configs and tools.

    An editable install links to the clone (``develop`` is what pip called up
    to 21.2, ``editable_wheel`` since), a distribution gets copies.
    """
    editable = {'develop', 'editable_wheel'} & set(sys.argv)
    packs = {'sdist', 'bdist_wheel', 'install'} & set(sys.argv)
    if not (editable or packs):
        return
    mim = ROOT / 'xlearner_mm' / '.mim'
    shutil.rmtree(mim, ignore_errors=True)
    mim.mkdir()
    for source in (ROOT / item for item in MIM_ITEMS):
        if not source.exists():
            continue
        target = mim / source.name
        if editable:
            target.symlink_to(Path('..', '..', source.name))
        elif source.is_dir():
            shutil.copytree(
                source, target, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy(source, target)


if __name__ == '__main__':
    add_mim_extension()
    setup(
        name='xlearner_mm',
        version=read_version(),
        description='Pre-train one backbone from many single-task sources '
        'with X-Learner, as an OpenMMLab plugin',
        license='Apache License 2.0',
        packages=find_packages(include=['xlearner_mm', 'xlearner_mm.*']),
        include_package_data=True,
        python_requires='>=3.10',
        # No mm package here: two stacks provide the same modules, and mmcv
        # has to be compiled against the torch that is installed.
        install_requires=parse_requirements('runtime'),
        extras_require={
            name: parse_requirements(name)
            for name in ('tests', 'docs')
        },
        zip_safe=False)
