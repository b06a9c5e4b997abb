"""The pages build as HTML, every warning being an error."""
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.smoke
def test_the_documentation_builds_without_a_warning(tmp_path):
    makefile = (ROOT / 'Makefile').read_text()
    command = makefile.split('SPHINX = python ')[1].split('\n')[0]
    done = subprocess.run(
        [sys.executable, *command.split(), '-b', 'html', '.',
         str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True)
    assert done.returncode == 0, done.stderr
    assert 'Algorithm 1' in (tmp_path / 'docs/en/api.html').read_text()
