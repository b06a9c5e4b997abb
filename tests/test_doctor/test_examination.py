"""All findings at once."""
from pathlib import Path

import pytest
from mmengine.logging import MMLogger

from xlearner_mm.apis import load_config
from xlearner_mm.doctor import as_page, examine, processes_in_name

ROOT = Path(__file__).resolve().parents[2]
#: Those at the paper's scale are in tests/test_configs_full.
CONFIGS = [
    file for file in sorted(ROOT.glob('configs/**/*.py'))
    if not {'_base_', 'xlearner', 'baselines'} & set(file.parts)
] + [*ROOT.glob('configs/baselines/simclr*.py')]


def ident(file: Path) -> str:
    """Name a config in a test's name."""
    return str(file.relative_to(ROOT / 'configs'))


def test_a_sound_config_has_no_finding(config, find):
    assert find(config) == []


def test_mistakes_of_all_kinds_are_found_together(config, find, spoil):
    spoil(config)
    text = '\n'.join(map(str, find(config)))
    for word in ('/nowhere', "'things', train: its dataset has 2 classes",
                 'NoSuchHead', 'NoSuchLoop'):
        assert word in text


def test_the_config_stays_as_it_was(config):
    before = config.to_dict()
    examine(config)
    assert config.to_dict() == before


def test_the_logger_speaks_again_afterwards(config):
    logger = MMLogger.get_current_instance()
    before = logger.level
    examine(config)
    assert logger.level == before


@pytest.mark.parametrize('file', CONFIGS, ids=ident)
def test_every_config_is_examined_and_fits_a_page(file, tmp_path):
    """Suites, stock runners' configs, probes; of missing data it complains."""
    data = dict(XLEARNER_DATA=str(tmp_path), XLEARNER_DEMO_DATA=str(tmp_path))
    cfg = load_config(str(file), variables=data)
    findings = examine(cfg, processes_in_name(cfg) or 1)
    assert not [f for f in findings if 'could not finish' in f.what]
    missing = [f for f in findings if str(tmp_path) in f.what]
    assert bool(missing) == ('suites' not in file.parts)
    assert len(as_page(ident(file), findings).splitlines()) < 60
