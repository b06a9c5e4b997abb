"""Runs that start from each other, and the table of systems."""
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.apis import load_config
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.systems import SYSTEMS, Chain, images_seen
from xlearner_mm.systems.chain import mapped, starts_from

CONFIGS = Path(__file__).parents[2] / 'configs/demo'


def load(name: str) -> Config:
    """Load one of the demo's configs."""
    return load_config(str(CONFIGS / f'{name}.py'))


def behind(name: str) -> set[str]:
    """Return a run and all those that it needs."""
    return {name}.union(*map(behind, starts_from(load(name))))


@pytest.mark.parametrize('key', SYSTEMS)
def test_every_run_of_a_system_is_the_end_of_a_config(key):
    """Of each `work_dirs/NAME/iter_N.pth`, N is the length of NAME."""
    for name in behind(SYSTEMS[key].config):
        texts = []
        mapped(load(name).to_dict(), texts.append)
        for text in texts:
            if text.startswith('work_dirs/') and text.endswith('.pth'):
                file = Path(text)
                last = load(file.parent.name).train_cfg.max_iters
                assert file.name == f'iter_{last}.pth'


@pytest.mark.parametrize('key', SYSTEMS)
def test_every_system_sees_as_many_images(key):
    own = [
        n for n in behind(SYSTEMS[key].config)
        if not n.startswith('single-source-')
    ]
    assert sum(images_seen(load(name)) for name in own) == 76_800


def test_the_teachers_of_plus_plus_and_must_are_shared():
    teachers = [{
        n
        for n in behind(SYSTEMS[key].config) if n.startswith('single-source-')
    } for key in ('xlearner_pp', 'must')]
    assert teachers[0] == teachers[1] and len(teachers[0]) == 4


def test_mapped_keeps_structure_and_what_is_no_text():
    value = dict(a=[1, 'x', ('y', None)], b=dict(c=True))
    assert mapped(value, str.upper) == dict(
        a=[1, 'X', ('Y', None)], b=dict(c=True))


@pytest.fixture(scope='module')
def chain(tmp_path_factory):
    """A chain of X-Learner_p's two runs, of two and one iterations."""
    root = tmp_path_factory.mktemp('chain')
    few = dict(num_train=24, num_val=12, num_transfer=12, num_test=12)
    generate_demo_data(root / 'data', **few)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XLEARNER_DEMO_DATA', str(root / 'data'))
        yield Chain(root / 'runs', CONFIGS, scale=0.0025, seed=3)


@pytest.mark.smoke
def test_a_run_comes_after_what_it_starts_from_and_is_done_once(chain):
    last = chain.run(SYSTEMS['xlearner_p'].config)
    first, itself = last.chain()
    assert itself is last and first.name.startswith('xlearner-expansion')
    assert last.cfg.model.expansion == first.checkpoint
    assert first.checkpoint == str(chain.root / first.name / 'iter_2.pth')
    assert last.cfg.train_cfg.join_iter == 0
    assert last.cfg.randomness.seed == 3
    assert 'shapes/top1' in last.metrics
    again = Chain(chain.root, CONFIGS, scale=0.0025, seed=3)
    assert again.run(last.name).seconds == last.seconds
    assert again.run(last.name).digest == last.digest


@pytest.mark.smoke
def test_a_change_in_a_run_changes_all_that_follow(chain):
    last = chain.run(SYSTEMS['xlearner_p'].config)
    other = Chain(chain.root, CONFIGS, scale=0.0025, seed=4)
    changed = other.run(SYSTEMS['xlearner_p'].config)
    assert changed.before[0].digest != last.before[0].digest
    assert changed.digest != last.digest
