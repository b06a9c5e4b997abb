"""What README and docs say exists and runs, and so do docstring examples."""
import doctest
import importlib
import pkgutil
import re
import shutil
from pathlib import Path

import pytest
from mmengine.config import Config

import xlearner_mm
from xlearner_mm.apis import load_config
from xlearner_mm.registry import MODELS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([
    *ROOT.glob('*.md'), *ROOT.glob('docs/**/*.md'),
    *ROOT.glob('configs/**/*.md')
])
LINK = re.compile(r'\]\(([^)\s]+)\)')
COMMAND = re.compile(r'(?:python|bash) +(?:[\w./]+/)?(tools/[\w/.]+)')
TARGET = re.compile(r'(?:`|^|\s)make ([a-z][\w-]*)(?=`|$|\s+(?:#|STACK=))',
                    re.M)
FILE = re.compile(r'`((?:tests|tools|configs|docs|xlearner_mm)/[\w/.-]+)`')
CONFIG = re.compile(r'(?<![\w/])configs/(?!mine/)[\w/.-]+\.py')
TEST = re.compile(r'`(tests/\S+?)::(\w+)`')
BLOCK = re.compile(r'```python\n# (configs/mine/\S+)\n(.*?)```', re.S)


def ident(page: Path) -> str:
    """Name a page in a test's name."""
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings have on GitHub."""
    headings = re.findall(r'^#+ (.+)$', page.read_text(), re.M)
    return {
        re.sub(r'[^\w\- ]', '', text.lower()).replace(' ', '-')
        for text in headings
    }


@pytest.mark.parametrize('page', PAGES, ids=ident)
def test_relative_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text()):
        if '://' in link:
            continue
        file, _, anchor = link.partition('#')
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize('page', PAGES, ids=ident)
def test_named_files_and_commands_exist(page):
    text = page.read_text()
    for name in [
            *FILE.findall(text), *COMMAND.findall(text), *CONFIG.findall(text)
    ]:
        assert (ROOT / name.rstrip('.')).exists(), name
    targets = re.findall(r'^([\w-]+):', (ROOT / 'Makefile').read_text(), re.M)
    assert set(TARGET.findall(text)) <= set(targets)


def test_the_patterns_find_what_readme_says():
    text = (ROOT / 'README.md').read_text()
    assert {'demo', 'test', 'test-slow'} <= set(TARGET.findall(text))
    assert {'tools/dist_train.sh',
            'tools/train.py'} <= set(COMMAND.findall(text))


def test_the_tests_of_faults_exist():
    named = TEST.findall((ROOT / 'docs/en/reliability.md').read_text())
    assert len(named) > 20
    for file, name in named:
        assert f'def {name}(' in (ROOT / file).read_text(), name


@pytest.fixture(scope='module')
def written_configs(tmp_path_factory):
    """Write the configs that the pages spell out beside our bases."""
    root = tmp_path_factory.mktemp('docs')
    shutil.copytree(ROOT / 'configs/_base_', root / 'configs/_base_')
    for page in PAGES:
        for name, text in BLOCK.findall(page.read_text()):
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return root / 'configs/mine'


def test_configs_of_get_started_build_their_models(written_configs):
    for stage in ('expansion', 'squeeze'):
        cfg = load_config(
            str(written_configs / f'xlearner-{stage}_r50_mine.py'),
            {'sources.1.batch_size': 2})
        assert cfg.train_dataloader.sources[1].batch_size == 2
        model = MODELS.build(cfg.model)
        assert list(
            model.data_preprocessor.preprocessors) == ['flowers', 'drones']


@pytest.mark.parametrize(
    'name', ['retinanet_r50_xlearner-pre', 'resnet50_xlearner-pre'])
def test_configs_of_transfer_name_the_exported_file(written_configs, name):
    backbone = Config.fromfile(written_configs / f'{name}.py').model.backbone
    assert backbone.init_cfg.checkpoint == 'r50_mine.pth'
    assert 'prefix' not in backbone.init_cfg


def modules() -> list[str]:
    """Name all modules of the package."""
    return [
        m.name
        for m in pkgutil.walk_packages(xlearner_mm.__path__, 'xlearner_mm.')
    ]


def test_docstring_examples_run():
    tried = 0
    for name in modules():
        result = doctest.testmod(importlib.import_module(name))
        assert not result.failed, name
        tried += result.attempted
    assert tried > 10
