"""Sphinx builds the documentation from the whole clone: `make docs`.

The clone is the source folder, so that a link between two pages is the same
on GitHub and in what is built, README and the configs' pages included.
"""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = re.search(r"^__version__ = '(.+)'$",
                    (ROOT / 'xlearner_mm/version.py').read_text(), re.M)

project = 'xlearner_mm'
author = 'The xlearner_mm authors'
version = release = VERSION.group(1)

# `code` in docstrings, over lines or not, as Markdown and people write it.
CODE = re.compile(r'(:\w+:`[^`]+`|``[^`]+``)|`([^`]+)`')

extensions = [
    'myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon',
    'sphinx_copybutton'
]
root_doc = 'docs/en/index'
include_patterns = [
    '*.md', 'configs/**/README.md', 'docs/*.md', 'docs/en/**.md'
]
exclude_patterns = ['.venv', 'work_dirs', 'data', '.github']
myst_heading_anchors = 4
myst_enable_extensions = ['colon_fence']

html_theme = 'furo'
html_title = f'xlearner_mm {release}'
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
copybutton_exclude = '.linenos, .gp, .go'


def mark_code(app, what, name, obj, options, lines: list[str]) -> None:
    """Write `code` of a docstring as reStructuredText does, on one line."""
    text = CODE.sub(
        lambda code: code[1] or '``' + ' '.join(code[2].split()) + '``',
        '\n'.join(lines))
    lines[:] = text.split('\n')


def setup(app) -> None:
    """Let `mark_code` see docstrings before napoleon does."""
    app.connect('autodoc-process-docstring', mark_code, priority=400)
