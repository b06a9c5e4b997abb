"""tools/setup_env.sh, with an interpreter that installs nothing."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = """#!/bin/sh
case "$*" in
*version_info*) echo "${STUB_VERSION:-3.11}" ;;
"-m venv "*)
    mkdir -p "$3/bin" "$3/lib/python3.11/site-packages"
    cp "$0" "$3/bin/python" && cp "$0" "$3/bin/answer" ;;
*"-r requirements/torch"*) sleep 0.5 && [ -z "$STUB_FAIL" ] ;;
*"--what"*) echo "$VIRTUAL_ENV $PYTHONPATH" ;;
esac
"""
DF = """#!/bin/sh
echo Filesystem blocks Used Available Capacity Mounted
echo disk 0 0 $((${STUB_FREE_GB:-50} * 1024 * 1024)) 0% /
"""


class Clone:
    """A copy of what setup_env.sh reads, and a way to start it."""

    def __init__(self, root: Path, name: str) -> None:
        self.path = root / name
        self.venv = self.path / '.venv'
        shutil.copytree(ROOT / 'requirements', self.path / 'requirements')
        (self.path / 'tools').mkdir()
        shutil.copy(ROOT / 'tools' / 'setup_env.sh', self.path / 'tools')
        bin_dir = root / 'bin'
        bin_dir.mkdir(exist_ok=True)
        for tool, text in [('python', PYTHON), ('df', DF), ('c++', '')]:
            (bin_dir / tool).write_text(text)
            (bin_dir / tool).chmod(0o755)
        self.env = {
            'PATH': f'{bin_dir}:{os.defpath}',
            'PYTHON': str(bin_dir / 'python'),
            'XLEARNER_ENVS': str(root / 'envs'),
        }

    def start(self, *command: str, **env: str) -> subprocess.Popen:
        return subprocess.Popen(
            [str(self.path / 'tools' / 'setup_env.sh'), *command],
            env={
                **self.env,
                **env
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True)

    def run(self, *command: str, **env: str) -> tuple[int, str, str]:
        process = self.start(*command, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path, 'clone')


@pytest.mark.parametrize('env, said', [
    (dict(STACK='mmlab'), 'use STACK=onedl or STACK=openmmlab'),
    (dict(STUB_VERSION='3.13'), 'install Python 3.11/3.12/3.10'),
    (dict(STACK='openmmlab', STUB_VERSION='3.12'), 'is Python 3.12'),
    (dict(PYTHON='/no/python'), '/no/python do not run'),
    (dict(CXX='/no/c++'), 'apt install build-essential'),
    (dict(STUB_FREE_GB='9'), '9 GB free'),
    (dict(XLEARNER_ENVS='/dev/null/envs'), 'set XLEARNER_ENVS'),
])
def test_unfit_machine_is_refused_with_the_remedy(clone, env, said):
    code, _, err = clone.run(**env)
    assert code == 1
    assert 'error: ' in err and '  remedy: ' in err and said in err
    assert 'install torch' not in err and not clone.venv.exists()


def test_second_clone_uses_the_environment_of_the_first(clone, tmp_path):
    code, _, err = clone.run()
    assert code == 0 and 'building' in err
    second = Clone(tmp_path, 'second')
    code, _, err = second.run()
    assert code == 0 and 'building' not in err
    assert second.venv.readlink() == clone.venv.readlink()


def test_stacks_and_requirements_have_environments_of_their_own(clone):
    targets = []
    for change, stack in [('', 'onedl'), ('', 'openmmlab'), ('x', 'onedl')]:
        with (clone.path / 'requirements' / 'tests.txt').open('a') as file:
            file.write(change)
        assert clone.run(STACK=stack)[0] == 0
        targets.append(clone.venv.readlink())
    assert len(set(targets)) == 3


def test_failed_build_is_reported_and_built_again(clone):
    code, _, err = clone.run(STUB_FAIL='1')
    assert code == 1 and 'failed after' in err and 'install torch' in err
    assert not clone.venv.exists()
    code, _, err = clone.run()
    assert code == 0 and 'building' in err and clone.venv.exists()


def test_fresh_builds_anew(clone):
    clone.run()
    assert 'building' in clone.run(FRESH='1')[2]


def test_two_setups_at_once_build_once(clone, tmp_path):
    clones = [clone, Clone(tmp_path, 'second')]
    outputs = [
        process.communicate(timeout=60)[1]
        for process in [each.start() for each in clones]
    ]
    assert sum('building /' in err.replace('is building', '')
               for err in outputs) == 1
    assert all('ready: ' in err for err in outputs)


def test_command_runs_in_the_environment_with_the_code_of_the_clone(clone):
    code, out, _ = clone.run('answer', '--what')
    assert code == 0
    assert out.split() == [str(clone.venv.readlink()), str(clone.path)]


def test_real_venv_folder_is_left_alone(clone):
    clone.venv.mkdir()
    code, _, err = clone.run()
    assert code == 1 and 'move it away' in err
