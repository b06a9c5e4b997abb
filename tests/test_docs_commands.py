"""Every command of the pages runs as written, or the page says why not.

A page's ```bash blocks run as one script, in a copy of the clone beside tiny
data. Runs are shortened there by `SHORTER`, in configs and commands alike.
A comment above a block says otherwise:

    <!-- not run: it needs eight GPUs -->
    <!-- run by: tests/test_smoke_demo.py -->
    <!-- ends with 1: the config has errors -->
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import docs_data
import pytest
from test_docs import BLOCK, PAGES, ROOT, ident

from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.testing.task_files import write_depth

FENCE = re.compile(
    r'(?:<!-- (not run|run by|ends with) ?(\d*): ([^\n]+) -->\n)?'
    r'^ *```(\w*)\n(.*?)^ *```$', re.M | re.S)
COMMAND = re.compile(
    r'\s*([A-Z_]+=\S* )*(make|bash|python|pip|\.venv/bin/python) ')
SHORTER = ((re.compile(r'(max_iters=)\d+'),
            r'\g<1>2'), (re.compile(r'(join_iter=)\d+'), r'\g<1>1'),
           (re.compile(r'(max_epochs=)\d+'),
            r'\g<1>1'), (re.compile(r'iter_\d+\.pth'), 'iter_2.pth'))


def blocks_of(page: Path) -> list[tuple[str, str, str, str, str]]:
    """Return (mark, exit code, reason, language, text) of every block."""
    return FENCE.findall(page.read_text())


def shorten(text: str) -> str:
    """Let what a config or a command trains end after two iterations."""
    for pattern, new in SHORTER:
        text = pattern.sub(new, text)
    return text


def script_of(page: Path) -> str:
    """Return the commands of a page that are run, as one script."""
    lines = ['set -euo pipefail']
    for mark, code, _, language, text in blocks_of(page):
        if language != 'bash' or mark in ('not run', 'run by'):
            continue
        text = shorten(text).rstrip()
        if mark == 'ends with':
            text = f'({text}) && exit 99 || [ $? = {code} ]'
        lines.append(text)
    return '\n'.join(lines)


@pytest.mark.parametrize('page', PAGES, ids=ident)
def test_commands_are_bash_and_what_is_not_run_has_a_reason(page):
    for mark, _, reason, language, text in blocks_of(page):
        if COMMAND.match(text):
            assert language == 'bash', f'call it ```bash: {text}'
        if mark == 'run by':
            assert (ROOT / reason.split()[0]).exists(), reason
        if language == 'bash' and mark != 'not run' and mark != 'run by':
            assert not re.search(r'\b(CONFIG|CHECKPOINT|DIR)\b', text), (
                f'a placeholder, so say what runs it: {text}')


@pytest.fixture(scope='module')
def clone(tmp_path_factory) -> Path:
    """Copy the clone, with shortened configs, the pages' own, and data."""
    root = tmp_path_factory.mktemp('docs') / 'clone'
    names = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'],
                           cwd=ROOT,
                           check=True,
                           capture_output=True,
                           text=True).stdout.split()
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for page in PAGES:
        for name, text in BLOCK.findall(page.read_text()):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    for config in root.glob('configs/**/*.py'):
        config.write_text(shorten(config.read_text()))
    (root / '.venv').symlink_to(Path(sys.prefix).resolve())
    for write in (docs_data.write_flowers, docs_data.write_drones,
                  docs_data.write_three):
        write(root / 'data')
    write_depth(root / 'data/rooms')
    generate_demo_data(
        root / 'work_dirs/demo/data',
        num_train=24,
        num_val=12,
        num_transfer=24,
        num_test=12)
    return root


def cost(page: Path) -> pytest.MarkDecorator:
    """Let `make test` run the page that a newcomer reads first."""
    first = page.name == 'five_minutes.md'
    return pytest.mark.smoke if first else pytest.mark.slow


@pytest.mark.parametrize('page', [
    pytest.param(page, marks=cost(page), id=ident(page))
    for page in PAGES if '\n' in script_of(page)
])
def test_the_commands_of_a_page_run(page, clone):
    done = subprocess.run(['bash', '-c', script_of(page)],
                          cwd=clone,
                          env={
                              **os.environ, 'OMP_NUM_THREADS': '1'
                          },
                          capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
