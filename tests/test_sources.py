"""Names, numbers and copies of sources that are refused."""
from copy import deepcopy

import pytest
from mmengine.config import Config

from xlearner_mm.errors import UserError
from xlearner_mm.sources import (Source, check_copies, parse_sources,
                                 share_sources, tasks_of)
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner

GOOD = dict(name='coco', task='det', scope='mmdet')


@pytest.mark.parametrize('key', ['name', 'task'])
@pytest.mark.parametrize('name', [
    'a.b', 'a/b', 'a b', 'loss', 'my_loss', 'gloss', '1st', '_a', 'ä', 7,
    'phase', 'average'
])
def test_illegal_names_are_refused(key, name):
    kind = dict(name='source', task='task')[key]
    with pytest.raises(UserError, match=f'illegal {kind} name'):
        parse_sources([dict(GOOD, **{key: name})])


@pytest.mark.parametrize('name', ['coco', 'in-1k', 'Places_365', 'x'])
def test_plain_names_are_accepted(name):
    assert parse_sources([dict(GOOD, name=name)])[0].name == name


def test_a_name_may_appear_once():
    with pytest.raises(UserError, match=r"\['coco'\] appear twice"):
        parse_sources([GOOD, dict(GOOD, task='cls')])


@pytest.mark.parametrize('change, words', [
    (dict(batch_size=0), 'coco.*batch_size=0'),
    (dict(batch_size=-2), 'coco.*batch_size=-2'),
    (dict(batch_size=1.5), 'coco.*batch_size=1.5'),
    (dict(val_batch_size=0), 'coco.*val_batch_size=0'),
    (dict(scope='mmnothing'), "coco.*unknown scope 'mmnothing'"),
    (dict(colour='red'), r"unknown keys \['colour'\]"),
    (dict(task=None), r"has no \['task'\]"),
    (dict(scope=''), r"has no \['scope'\]"),
])
def test_wrong_values_name_the_source_and_the_value(change, words):
    with pytest.raises(UserError, match=words):
        parse_sources([dict(GOOD, **change)])


def test_an_empty_list_is_refused():
    with pytest.raises(UserError, match='add at least one'):
        parse_sources([])


def test_tasks_keep_the_order_of_their_first_source():
    sources = [Source(n, t, 'mmdet') for n, t in
               (('z', 'seg'), ('a', 'cls'), ('b', 'seg'))]  # yapf: disable
    assert tasks_of(sources) == ['seg', 'cls']


@pytest.mark.parametrize('part', ['model', 'train_dataloader'])
def test_copies_that_differ_are_refused_by_the_runner(sources, tmp_path, part):
    cfg = deepcopy(tiny.run_config(sources, tmp_path))
    cfg[part] = dict(cfg[part], sources=deepcopy(sources))
    cfg[part]['sources'][1]['train']['data_root'] = '/elsewhere'
    words = f"{part} differs .*1.train.data_root is '/elsewhere'"
    with pytest.raises(UserError, match=words):
        build_runner(cfg).train_loop


def test_a_key_that_one_copy_lacks_is_named(sources, tmp_path):
    cfg = Config(deepcopy(tiny.run_config(sources, tmp_path)))
    cfg.model.sources = deepcopy(cfg.sources)
    cfg.model.sources[0].evaluator = None
    del cfg.sources[0]['evaluator']
    with pytest.raises(UserError, match=r"evaluator is None, not '\(absent"):
        check_copies(cfg)


def test_shared_copies_are_equal_again(sources, tmp_path):
    cfg = Config(deepcopy(tiny.run_config(sources, tmp_path)))
    cfg.sources[0].batch_size = 9
    with pytest.raises(UserError, match='batch_size'):
        check_copies(cfg)
    share_sources(cfg)
    check_copies(cfg)
    assert cfg.model.sources[0].batch_size == 9
