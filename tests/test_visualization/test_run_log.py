"""The attempts at a run are read as one."""
import pytest
from written_runs import write_attempt

from xlearner_mm.errors import UserError
from xlearner_mm.visualization import read_run

FIRST, SECOND = '20260101_000001', '20260101_000002'


def losses(*steps: int, value: float = 1.0) -> list[dict]:
    return [dict(loss=value, step=step) for step in steps]


def test_a_resumed_run_has_each_iteration_s_losses_once(resumed):
    run = read_run(resumed.work_dir)
    assert len(run.texts) == 2
    assert list(run.train) == [1, 2, 3, 4, 5, 6]
    for step, row in run.train.items():
        logged = resumed.losses[step - 1]
        assert {
            k: row[k]
            for k in logged
        } == pytest.approx({
            k: v.item()
            for k, v in logged.items()
        })


def test_metrics_are_where_they_were_measured(resumed):
    metrics = read_run(resumed.work_dir).metrics
    assert list(metrics) == [3, 6]
    assert {'animals/top1', 'things/bbox_mAP', 'stuff/mIoU'} < set(metrics[3])


def test_what_our_loops_log_is_read(resumed):
    run = read_run(resumed.work_dir)
    assert run.texts[-1].resumed_at == 4
    assert run.texts[-1].images == dict(animals=7, things=5, stuff=5)
    assert 'xlearner_mm' in run.texts[-1].setting
    assert run.texts[-1].environment['Distributed training'] == 'False'
    assert run.iters_done == run.max_iters == 6


def test_repeated_iterations_count_as_logged_last(tmp_path):
    write_attempt(tmp_path, FIRST,
                  losses(2, 4, 6, value=1) + [{
                      'a/top1': 1.0,
                      'step': 6
                  }])
    write_attempt(tmp_path, SECOND, losses(5, 10, value=2),
                  'resumed epoch: 0, iter: 4')
    run = read_run(tmp_path)
    assert {
        k: v['loss']
        for k, v in run.train.items()
    } == {
        2: 1.0,
        4: 1.0,
        5: 2.0,
        10: 2.0
    }
    assert run.metrics == {}


def test_a_run_that_began_anew_replaces_the_one_before(tmp_path):
    write_attempt(tmp_path, FIRST, losses(5, 10, 15))
    write_attempt(tmp_path, SECOND, losses(50, value=2))
    assert list(read_run(tmp_path).train) == [50]


def test_a_test_is_no_attempt(tmp_path):
    write_attempt(tmp_path, FIRST, losses(5, 10))
    write_attempt(tmp_path, SECOND, [], 'Iter(test) [5/5]')
    run = read_run(tmp_path)
    assert (list(run.train), len(run.texts)) == ([5, 10], 1)


def test_a_half_written_line_is_left_out(tmp_path):
    write_attempt(tmp_path, FIRST, losses(5, 10))
    with open(tmp_path / FIRST / 'vis_data/scalars.json', 'a') as file:
        file.write('{"loss": 0.')
    assert list(read_run(tmp_path).train) == [5, 10]


@pytest.mark.parametrize('config, places', [
    ('train_cfg = dict(max_iters=25, val_interval=10)', [10, 25]),
    ('train_cfg = dict(max_epochs=2)', [9, 24]),
])
def test_metrics_counted_in_epochs_follow_what_was_logged(
        tmp_path, config, places):
    write_attempt(
        tmp_path,
        FIRST, [
            *losses(9),
            dict(mIoU=5.0, step=1), *losses(24),
            dict(mIoU=6.0, step=2)
        ],
        config=config)
    assert list(read_run(tmp_path).metrics) == places


def test_a_metric_without_a_log_before_is_where_it_was_due(tmp_path):
    write_attempt(
        tmp_path,
        FIRST, [dict(mIoU=5.0, step=0)],
        config='train_cfg = dict(max_iters=15, val_interval=1000)')
    assert list(read_run(tmp_path).metrics) == [15]


def test_a_folder_without_logs_is_refused(tmp_path):
    (tmp_path / 'images').mkdir()
    with pytest.raises(UserError, match='is no run.*give the work_dir'):
        read_run(tmp_path)
