"""Paths are looked for where upstream will look."""
import json
from pathlib import Path
from shutil import copy

import pytest
from mmengine.config import Config
from torch.utils.data import Dataset

from xlearner_mm.registry import DATASETS
from xlearner_mm.sources import leave_unformatted
from xlearner_mm.testing.students import write_student


@pytest.mark.parametrize('index, change, words', [
    (0, dict(data_root='/nowhere'),
     "source 'animals', train: no data_root at /nowhere; check data_root"),
    (1, dict(ann_file='none.json'), "source 'things', train: no ann_file at "),
    (1, dict(data_prefix=dict(img='none')), 'no data_prefix.img at '),
    (2, dict(data_prefix=dict(img_path='img', seg_map_path='none')),
     "source 'stuff', train: no data_prefix.seg_map_path at "),
    (2, dict(ann_file='none.txt'), "source 'stuff', train: no ann_file at "),
])
def test_what_is_missing_is_named(config, only, index, change, words):
    config.sources[index].train.update(change)
    assert words in only(config)


def test_val_data_is_looked_for_only_if_there_is_validation(config, find):
    config.sources[0].val.data_root = '/nowhere'
    assert len(find(config)) == 1
    config.val_dataloader = config.val_evaluator = config.val_cfg = None
    assert find(config) == []


def test_missing_test_data_is_a_warning(config, only):
    config.sources[0].test = dict(config.sources[0].val, data_root='/nowhere')
    config.test_dataloader = dict(sources=config.sources)
    assert "'animals', test: no data_root" in only(config, 'warning')


def test_annotations_of_a_metric_are_looked_for(config, only):
    config.sources[1].evaluator.ann_file = '/nowhere.json'
    assert "source 'things', evaluator: no ann_file" in only(config)


def test_a_metric_on_another_file_than_the_validation_set_is_noticed(
        config, only, tmp_path):
    file = copy(config.sources[1].evaluator.ann_file, tmp_path / 'other.json')
    config.sources[1].evaluator.ann_file = str(file)
    assert 'it measures on' in only(config, 'warning')


def test_urls_are_left_alone(config, find):
    config.sources[1].train.update(
        data_root='',
        ann_file='http://somewhere/ann.json',
        data_prefix=dict(img='http://somewhere/images'))
    assert find(config) == []


@pytest.mark.parametrize('value', ['elsewhere', None])
def test_the_variable_for_the_data_is_named(monkeypatch, tmp_path, find,
                                            value):
    file = tmp_path / 'stock.py'
    file.write_text("_root = '{{$XLEARNER_DATA:data}}/a'\n"
                    "default_scope = 'mmpretrain'\n"
                    'train_dataloader = dict(dataset=dict(\n'
                    "    type='CustomDataset', data_root=_root))\n")
    monkeypatch.delenv('XLEARNER_DATA', raising=False)
    if value:
        monkeypatch.setenv('XLEARNER_DATA', value)
    finding, = find(Config.fromfile(file))
    now = " (now 'elsewhere')" if value else ''
    assert finding.what == f"no data_root at {value or 'data'}/a"
    assert finding.remedy == f'check data_root, or set XLEARNER_DATA{now}'


def test_a_root_that_is_missing_is_told_once(config, only):
    """Not again by the metric, whose file is below it."""
    root = '/nowhere'
    for split in ('train', 'val'):
        config.sources[1][split].update(data_root=root, ann_file='a.json')
    config.sources[1].evaluator.ann_file = f'{root}/a.json'
    assert 'no data_root at /nowhere' in only(config)


def test_a_student_without_labels_is_sent_to_the_tool(sources, tmp_path, only):
    cfg = write_student(sources, tmp_path)
    assert only(cfg).startswith("source 'animals', train: its pseudo labels")
    assert f'tools/pseudo_label.py {cfg.filename}' in only(cfg)


def test_a_missing_teacher_is_named_once(sources, tmp_path, find):
    cfg = write_student(sources, tmp_path)
    teacher = cfg.pseudo_labels.teachers.stuff
    Path(teacher.checkpoint).unlink()
    finding, _ = find(cfg)
    assert finding.where == 'pseudo_labels.teachers.stuff'
    assert finding.remedy.endswith(f'tools/train.py {teacher.config}')


def test_a_stock_runners_datasets_are_looked_at(config, only, tmp_path):
    source = config.sources[1]
    cfg = Config(
        dict(
            default_scope='mmdet',
            train_dataloader=dict(
                batch_size=2,
                dataset=dict(
                    type='RepeatDataset',
                    times=2,
                    dataset=dict(source.train, ann_file='none.json')))))
    leave_unformatted(cfg)
    assert 'train_dataloader.dataset.dataset: no ann_file' in only(cfg)


def test_no_annotation_is_read(config, find, tmp_path):
    """A file that is no JSON does not matter to what is joined."""
    file = tmp_path / 'ann.json'
    file.write_text(json.dumps('broken')[:-1])
    config.sources[1].train.ann_file = str(file)
    assert find(config) == []


@DATASETS.register_module(force=True)
class Bare(Dataset):
    """A dataset that knows nothing of MMEngine's."""

    def __init__(self, data_root: str) -> None:
        self.data_root = data_root


def test_datasets_of_another_kind_are_left_alone(config, find, tmp_path):
    config.sources[0].train = dict(
        type='xlearner_mm.Bare', data_root=str(tmp_path))
    assert find(config) == []


ELSEWHERE = dict(backend='petrel', path_mapping={'data/': 's3://bucket/'})


@pytest.mark.parametrize('backend, errors', [(ELSEWHERE, 0),
                                             (dict(backend='local'), 1),
                                             (None, 1)])
def test_data_that_is_not_on_the_disk_is_not_looked_for(
        config, find, backend, errors):
    config.sources[1].train.update(data_root='data/', backend_args=backend)
    assert len(find(config)) == errors


def test_images_that_a_pipeline_reads_elsewhere_are_not_looked_for(
        config, find):
    train = config.sources[1].train
    train.data_prefix = dict(img='data/')
    assert len(find(config)) == 1
    train.pipeline[0].backend_args = ELSEWHERE
    assert find(config) == []


def test_annotations_that_a_metric_reads_elsewhere_are_not_looked_for(
        config, find):
    config.sources[1].evaluator.update(
        ann_file='data/a.json', backend_args=ELSEWHERE)
    assert find(config) == []


def test_annotations_of_metrics_in_an_evaluator_are_looked_for(only):
    metric = dict(type='CocoMetric', ann_file='/nowhere.json')
    cfg = Config(
        dict(
            default_scope='mmdet',
            val_dataloader=dict(batch_size=1),
            val_evaluator=dict(metrics=[metric])))
    assert 'val_evaluator: no metrics.0.ann_file at /nowhere' in only(cfg)
