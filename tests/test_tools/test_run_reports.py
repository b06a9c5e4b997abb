"""The tools that show a run."""
import json
import runpy
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / 'tools/analysis_tools'


@pytest.fixture
def call(monkeypatch, capsys):
    """Call a tool; return what it prints."""

    def call(name: str, *args: object) -> str:
        monkeypatch.setattr(sys, 'argv', [name, *map(str, args)])
        runpy.run_path(str(TOOLS / name), run_name='__main__')
        return capsys.readouterr().out

    return call


@pytest.fixture
def work_dir(tmp_path) -> Path:
    """A run that logged two losses and a metric."""
    folder = tmp_path / 'run/20260101_000001/vis_data'
    folder.mkdir(parents=True)
    entries = [
        dict(loss=2.0, lr=0.1, step=5),
        dict(loss=1.0, lr=0.1, step=10), {
            'a/top1': 50.0,
            'step': 10
        }
    ]
    (folder / 'scalars.json').write_text('\n'.join(map(json.dumps, entries)))
    return tmp_path / 'run'


def test_report_writes_one_file(call, work_dir):
    assert call('report.py', work_dir) == f'{work_dir}/report.html\n'
    assert '<h1>run</h1>' in (work_dir / 'report.html').read_text()


def test_report_of_no_run_fails_with_the_remedy(call, tmp_path):
    with pytest.raises(SystemExit, match='error: .* is no run.*work_dir'):
        call('report.py', tmp_path)


def test_plot_losses_draws_one_run_and_several(call, work_dir, tmp_path):
    printed = call('plot_losses.py', work_dir).split()
    assert printed == [
        f'{work_dir}/analysis/{name}.svg' for name in ('losses', 'metrics')
    ]
    call('plot_losses.py', work_dir, work_dir, '--out-dir', tmp_path / 'both')
    assert (tmp_path / 'both/losses.svg').is_file()


def test_log_table_shows_first_and_last(call, work_dir):
    text = call('log_table.py', work_dir)
    assert '| loss | 2 | 1 |' in text
    assert '| a/top1 | 50 |' in text
