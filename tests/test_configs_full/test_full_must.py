"""MuST at the paper's scale: teachers, labels, student, on small files."""
import pytest
from full_configs import SETTINGS, find
from full_runs import last, run

from xlearner_mm.apis import load_config, write_pseudo_labels

SETTING = 'cls1-det1-seg1'


@pytest.mark.slow
def test_must_labels_and_trains_on_three_tasks(data, tmp_path, monkeypatch):
    monkeypatch.setenv('XLEARNER_PSEUDO_LABELS', str(tmp_path))
    teachers = run(
        find('must-teachers', SETTING, 152),
        data,
        tmp_path / 'teachers',
        train_cfg__max_iters=1,
        train_cfg__join_iter=1,
        model__backbone__sub_backbone__depth=50,
        sources__1__model__test_cfg__rcnn__score_thr=0.0)
    student = find('must', SETTING, 152)
    files = dict(  # of the shrunk model
        config=str(next((tmp_path / 'teachers').glob('must-*.py'))),
        checkpoint=last(teachers))
    options = {
        f'pseudo_labels.teachers.{name}': files
        for name in SETTINGS[SETTING]
    }
    options.update({'pseudo_labels.score_thr': 0.0, 'data_root': str(data)})
    write_pseudo_labels(load_config(str(student), dict(options)))
    runner = run(
        student,
        data,
        tmp_path / 'student',
        train_cfg__max_iters=1,
        model__backbone__depth=50,
        **options)
    assert teachers.cfg.sources[0].train.type == 'ImageNet'
    assert runner.cfg.sources[0].train.type == 'CustomDataset'
    for name in SETTINGS[SETTING]:
        loss = runner.message_hub.get_scalar(f'train/{name}.loss').current()
        assert 0 < loss < 20
