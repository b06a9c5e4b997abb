"""Suites, what they lack, and their tables."""
from pathlib import Path

import pytest
import torch
import torchvision
from mmengine.config import Config

from xlearner_mm.apis import load_config
from xlearner_mm.errors import UserError
from xlearner_mm.evaluation.linear_probe import ProbeDataset
from xlearner_mm.transfer import Suite, Task, missing_data, named_files
from xlearner_mm.transfer.report import markdown, results, write_report
from xlearner_mm.transfer.suite import neck_note, task_config

CONFIGS = Path(__file__).parents[2] / 'configs/downstream'
SUITES = sorted(CONFIGS.glob('suites/*.py'))


@pytest.mark.parametrize('file', SUITES, ids=lambda f: f.stem)
def test_every_task_has_a_config_that_says_what_it_needs(file):
    suite = Suite.from_file(file)
    assert len({t.name for t in suite.tasks}) == len(suite.tasks)
    for task in suite.tasks:
        cfg = load_config(task.config)
        assert cfg.transfer.needs and cfg.transfer.source
        assert cfg.transfer.layout
        if 'splits' in cfg:
            ProbeDataset.from_config(cfg)
        else:
            assert set(cfg.transfer.lr) == {'SGD', 'AdamW'}
            assert cfg.transfer.metric


def test_the_papers_suite_has_its_ten_probes_and_numbers():
    suite = Suite.from_file(CONFIGS / 'suites/paper.py')
    assert [t.average for t in suite.tasks].count('AVG Cls') == 10
    assert suite.averages['AVG Cls'].paper == 77.1
    assert {
        t.name: t.paper
        for t in suite.tasks if t.paper
    } == dict(
        voc_det=84.4,
        voc_seg=77.1,
        cifar100_tuned=87.0,
        voc_det_fpn=87.3,
        voc_seg_os8=78.8,
        nyu_depth=89.0)
    assert suite.search


def test_only_and_search_change_the_suite():
    suite = Suite.from_file(CONFIGS / 'suites/small.py')
    assert suite.only(['camvid']).tasks == [suite.tasks[2]]
    assert suite.only([]) == suite
    assert suite.with_search(3).search == dict(points=3, fraction=0.1)
    paper = Suite.from_file(CONFIGS / 'suites/paper.py')
    assert paper.with_search(0).search is None
    assert paper.with_search(None) == paper


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(UserError, match=r"no suite 'big'.*'small'"):
        Suite.from_file(CONFIGS / 'suites/big.py')
    with pytest.raises(UserError, match=r"\['voc'\].*'camvid'"):
        Suite.from_file(CONFIGS / 'suites/small.py').only(['voc'])


def test_missing_data_say_where_to_get_them_and_how_they_lie(tmp_path):
    transfer = Config(
        dict(needs=['a', 'b/c.txt'], source='https://a.org', layout='a and b'))
    (tmp_path / 'a').mkdir()
    text = missing_data(transfer, tmp_path)
    for part in (str(tmp_path / 'b/c.txt'), 'https://a.org', 'a and b'):
        assert part in text
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b/c.txt').touch()
    assert missing_data(transfer, tmp_path) is None


def rows(**scores) -> list[dict]:
    """Rows of a suite of three tasks, 70 % where not given."""
    return [
        dict(
            checkpoint=name,
            task=task,
            title=task,
            status='done' if value is not None else 'no data',
            score=value,
            seconds=1.0,
            detail='',
            note='') for name in ('ours', 'theirs') for task, value in {
                **dict(a=70.0, b=70.0, c=70.0),
                **(scores if name == 'ours' else {})
            }.items()
    ]


@pytest.fixture
def suite():
    tasks = [dict(name=n, title=n, config='', average='AVG') for n in 'ab']
    tasks.append(dict(name='c', title='c', config='', paper=84.4))
    return Suite(
        'three', [Task(**t) for t in tasks],
        averages=dict(AVG=dict(paper=77.1, paper_method='X, Table 2')))


def test_table_has_paper_ours_difference_and_averages(suite):
    lines = results(rows(a=80.0, c=85.0), suite)
    by_title = {line['title']: line for line in lines}
    average = by_title['AVG (2 tasks)']
    assert average['scores'] == dict(ours=75.0, theirs=70.0)
    assert average['differences']['ours'] == pytest.approx(-2.1)
    assert by_title['c']['differences']['ours'] == pytest.approx(0.6)
    text = markdown(lines)
    assert '| c | 85.0 | 70.0 | 84.4 | +0.6 | -14.4 |' in text
    assert '77.1 (X, Table 2)' in text


def test_an_average_is_never_of_a_part(suite):
    lines = results(rows(b=None), suite)
    assert lines[-1]['scores'] == dict(ours=None, theirs=70.0)
    assert '| b | - | 70.0 |' in markdown(lines)


def test_table_says_which_fpn_a_detector_had(suite):
    some = rows()
    some[2]['note'] = 'pre-trained FPN fpn.pth'
    assert '| c | 70.0 (pre-trained FPN fpn.pth) | 70.0 |' in markdown(
        results(some, suite))


@pytest.mark.parametrize('neck, note', [
    (None, 'FPN from random weights'),
    ('fpn.pth', 'pre-trained FPN '),
])
def test_note_follows_the_config_that_reads_a_neck(neck, note, tmp_path):
    paper = Suite.from_file(CONFIGS / 'suites/paper.py')
    torch.save(torchvision.models.resnet18().state_dict(), tmp_path / 'r.pth')
    if neck:
        neck = tmp_path / neck
        neck.touch()
        note += str(neck)
    notes = {
        task.name:
        neck_note(
            task_config(task, paper, tmp_path, str(tmp_path / 'r.pth'), neck
                        and str(neck)))
        for task in paper.only(['voc_det', 'voc_det_fpn']).tasks
    }
    assert notes == dict(voc_det='', voc_det_fpn=note)


def test_report_is_written_in_three_forms(suite, tmp_path):
    write_report(rows(b=None), suite, tmp_path)
    for name in ('report.json', 'report.md', 'report.png'):
        assert (tmp_path / name).stat().st_size > 100
    assert 'ours, b: no data' in (tmp_path / 'report.md').read_text()


def test_files_are_named_by_their_stem_or_as_told(tmp_path):
    odd = tmp_path / 'lr=0.1' / 'net.pth'
    odd.parent.mkdir()
    odd.touch()
    assert named_files([str(odd), 'b=x/net.pth']) == dict(
        net=str(odd), b='x/net.pth')
    with pytest.raises(UserError, match="the name 'net' is taken"):
        named_files(['a/net.pth', 'b/net.pth'])
