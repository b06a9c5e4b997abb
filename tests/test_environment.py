"""The check of the mm packages, which runs before they are imported."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xlearner_mm.environment import (check_environment, find_problems,
                                     has_mmcv_ops, installed_versions)

ROOT = Path(__file__).resolve().parents[1]
STACKS = ('onedl', 'openmmlab')


def read_pins(stack: str) -> dict[str, str]:
    """Return ``{distribution: version}`` of a stack's requirement file."""
    lines = (ROOT / f'requirements/mminstall-{stack}.txt').read_text().split()
    return dict(line.split('==') for line in lines if '==' in line)


def run_python(code: str, *paths: Path) -> subprocess.CompletedProcess:
    """Run ``code`` in a new interpreter with ``paths`` first on its path."""
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join(map(str, paths))}
    return subprocess.run([sys.executable, '-c', code],
                          env=env,
                          capture_output=True,
                          text=True)


@pytest.mark.parametrize('stack', STACKS)
def test_pins_of_each_stack_are_supported(stack):
    assert find_problems(read_pins(stack), has_ops=True) == []


@pytest.mark.parametrize('stack', STACKS)
@pytest.mark.parametrize('number', ['0.6.0', '99.0'])
def test_each_package_out_of_range_is_named(stack, number):
    pins = read_pins(stack)
    packages = [name for name in pins if not name.startswith('opencv')][:5]
    for name in packages:
        problem, = find_problems({**pins, name: number}, has_ops=True)
        assert problem.startswith(f'{name} {number} is installed')


def test_missing_package_is_named_by_module_and_distribution():
    pins = read_pins('openmmlab')
    del pins['mmsegmentation']
    problem, = find_problems(pins, has_ops=True)
    assert problem.startswith('mmseg is not installed')
    assert 'onedl-mmsegmentation or mmsegmentation' in problem


def test_both_stacks_together_are_refused():
    both = {**read_pins('onedl'), **read_pins('openmmlab')}
    problems = find_problems(both, has_ops=True)
    assert len(problems) == 5
    assert all('both installed' in problem for problem in problems)


def test_missing_operators_are_reported_once_mmcv_is_there():
    problem, = find_problems(read_pins('onedl'), has_ops=False)
    assert 'mmcv._ext' in problem
    assert not any('mmcv._ext' in line
                   for line in find_problems({}, has_ops=False))


def test_the_present_environment_passes():
    assert len(installed_versions()) == 5
    assert has_mmcv_ops()
    check_environment()


def test_the_check_imports_no_heavy_package():
    file = ROOT / 'xlearner_mm' / 'environment.py'
    result = run_python(f"""
import runpy, sys
runpy.run_path({str(file)!r})['check_environment']()
print({{'torch', 'mmcv', 'mmengine', 'mmdet'}} & set(sys.modules))""")
    assert result.stdout.strip() == 'set()', result.stderr


def test_import_of_the_package_fails_with_the_remedy(tmp_path):
    # An old mmcv that is found first: out of range on the official stack,
    # beside the fork's on the other.
    metadata = tmp_path / 'mmcv-1.7.0.dist-info' / 'METADATA'
    metadata.parent.mkdir()
    metadata.write_text('Metadata-Version: 2.1\nName: mmcv\nVersion: 1.7.0\n')
    result = run_python('import xlearner_mm', tmp_path, ROOT)
    assert result.returncode == 1
    assert 'ImportError: xlearner_mm cannot be used here' in result.stderr
    assert 'mmcv 1.7.0 is installed' in result.stderr
    assert 'make env' in result.stderr


def test_mmcv_without_operators_is_seen(tmp_path):
    (tmp_path / 'mmcv').mkdir()
    (tmp_path / 'mmcv' / '__init__.py').touch()
    result = run_python('import xlearner_mm', tmp_path, ROOT)
    assert 'mmcv has no compiled operators' in result.stderr
