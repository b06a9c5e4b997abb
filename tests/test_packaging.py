"""What setup.py installs."""
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from xlearner_mm import __version__

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def source(tmp_path) -> Path:
    """A copy of the sources with one config, free to build in."""
    target = tmp_path / 'source'
    for folder in ('xlearner_mm', 'requirements', 'tools'):
        shutil.copytree(
            ROOT / folder,
            target / folder,
            ignore=shutil.ignore_patterns('__pycache__', '.mim'))
    for file in ('setup.py', 'setup.cfg', 'MANIFEST.in', 'LICENSE'):
        shutil.copy(ROOT / file, target)
    shutil.copy(ROOT / 'model-index.yml', target)
    (target / 'configs').mkdir()
    (target / 'configs' / 'some.py').write_text('a = 1\n')
    return target


def pip(*args: str) -> None:
    subprocess.run([
        sys.executable, '-m', 'pip', '--disable-pip-version-check', *args,
        '--no-deps', '--no-index', '--no-build-isolation'
    ],
                   check=True,
                   capture_output=True)


def test_wheel_carries_configs_and_tools_and_needs_no_mm_package(
        source, tmp_path):
    pip('wheel', str(source), '--wheel-dir', str(tmp_path))
    wheel, = tmp_path.glob('*.whl')
    assert wheel.name.startswith(f'xlearner_mm-{__version__}-')
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata, = [name for name in names if name.endswith('/METADATA')]
        text = archive.read(metadata).decode()
    assert 'xlearner_mm/.mim/configs/some.py' in names
    assert 'xlearner_mm/.mim/tools/setup_env.sh' in names
    assert 'xlearner_mm/.mim/model-index.yml' in names
    assert 'xlearner_mm/visualization/templates/report.html' in names
    assert 'xlearner_mm/visualization/templates/report.css' in names
    assert not [name for name in names if name.startswith('tests')]
    needed = re.findall(r'^Requires-Dist: ([\w-]+)', text, re.M)
    assert 'scikit-learn' in needed
    assert not [name for name in needed if name.startswith(('mm', 'onedl'))]


def test_editable_install_links_configs_to_the_clone(source, tmp_path):
    pip('install', '--editable', str(source), '--target', str(tmp_path / 'to'))
    linked = source / 'xlearner_mm' / '.mim' / 'configs'
    assert linked.is_symlink()
    assert (linked / 'some.py').read_text() == 'a = 1\n'
    assert (linked.parent / 'model-index.yml').samefile(source /
                                                        'model-index.yml')
