"""The notebook runs from top to bottom, on a chain of a few iterations."""
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FILE = ROOT / 'demo/inference_tutorial.ipynb'


def text_of(cell) -> str:
    """Return what a cell printed and its value."""
    return ''.join(
        out.get('text', '') or out.get('data', {}).get('text/plain', '')
        for out in cell.outputs)


def test_notebook_is_stored_without_outputs():
    for cell in nbformat.read(FILE, as_version=4).cells:
        assert not cell.get('outputs') and not cell.get('execution_count')


@pytest.mark.slow
def test_notebook_runs(tmp_path, monkeypatch):
    monkeypatch.setenv('TUTORIAL_WORK', str(tmp_path))
    monkeypatch.setenv('TUTORIAL_SCALE', '0.005')
    notebook = nbformat.read(FILE, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        resources=dict(metadata=dict(path=str(ROOT / 'demo')))).execute()
    train, ask, answers, pictures, passes, files = [
        cell for cell in notebook.cells if cell.cell_type == 'code'
    ]
    assert 'xlearner-heads_r18_demo/iter_1.pth' in text_of(train)
    assert text_of(ask).endswith('4')
    for name in ('shapes', 'materials', 'parts', 'fabric', 'layout'):
        assert name in text_of(answers)
    images = [o for o in pictures.outputs if 'image/png' in o.get('data', {})]
    assert len(images) == 2
    assert 'own_inputs=False: 5 sources, 1 passes' in text_of(passes)
    assert '.layout.png' in text_of(files)
