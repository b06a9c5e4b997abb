"""Which curves there are, and how they are drawn."""
import math
from xml.etree import ElementTree

import numpy as np
import pytest
from written_runs import write_attempt

from xlearner_mm.visualization import plot_runs, read_run
from xlearner_mm.visualization.panels import smooth, wants_log
from xlearner_mm.visualization.series import (Panel, key_metrics, loss_panels,
                                              metric_panels)

SOURCES = '''sources = [
    dict(name='a', task='cls', scope='mmpretrain', key_metric='top1'),
    dict(name='b', task='det', scope='mmdet', key_metric='mAP',
         key_metric_scale=100.0)]
'''


def run_of(tmp_path, entries, config=''):
    write_attempt(tmp_path, '20260101_000001', entries, config=config)
    return read_run(tmp_path)


def naive_mean(values: list[float], half: int) -> list[float]:
    """Average values in a window that narrows towards both ends."""
    means = []
    for i in range(len(values)):
        reach = min(half, i, len(values) - 1 - i)
        window = [
            v for v in values[i - reach:i + reach + 1] if math.isfinite(v)
        ]
        means.append(sum(window) / len(window) if window else math.nan)
    return means


def test_smoothing_is_the_mean_of_a_centred_window():
    values = np.random.default_rng(0).normal(size=41).tolist()
    values[7] = values[0] = math.nan
    values[20] = math.inf
    np.testing.assert_allclose(smooth(values, 0.25), naive_mean(values, 5))


def test_losses_of_sources_come_with_their_terms(resumed):
    panels = {
        p.title: p
        for p in loss_panels({'': read_run(resumed.work_dir)})
    }
    assert list(panels) == ['animals', 'things', 'stuff']
    assert list(panels['things'].curves) == ['loss', 'loss_cls', 'loss_bbox']
    assert list(panels['animals'].curves) == ['loss']
    assert [k for k, _ in panels['animals'].curves['loss']] == [*range(1, 7)]


def test_hints_of_a_squeeze_are_summed_over_stages(tmp_path):
    entry = {
        'a.cls_hint_loss_1': 1.0,
        'a.cls_hint_loss_2': 2.0,
        'a.det_hint_loss_1': 4.0,
        'loss': 9.0,
        'step': 5
    }
    panel, = loss_panels({'': run_of(tmp_path, [entry], SOURCES)})
    assert panel.unit == 'hint loss'
    assert panel.curves == {
        'sum': [(5, 7.0)],
        'cls hint': [(5, 3.0)],
        'det hint': [(5, 4.0)]
    }


def test_a_stock_run_has_one_panel(tmp_path):
    entry = dict(loss=3.0, loss_cls=1.0, loss_bbox=2.0, lr=0.1, step=5)
    panel, = loss_panels({'': run_of(tmp_path, [entry])})
    assert panel.title == 'training'
    assert list(panel.curves) == ['loss', 'loss_cls', 'loss_bbox']


def test_key_metrics_are_in_percent(tmp_path):
    run = run_of(tmp_path, [{'b/mAP': 0.25, 'step': 5}], SOURCES)
    metric, = key_metrics(run)
    assert (metric.unit, metric.points(run)) == ('mAP (%)', [(5, 25.0)])


def test_the_key_metric_of_a_stock_run_is_what_its_config_names(tmp_path):
    config = "transfer = dict(metric='d1', scale=100.0)"
    run = run_of(tmp_path, [dict(abs_rel=0.5, d1=0.9, step=5)], config)
    assert [m.points(run) for m in key_metrics(run)] == [[(5, 90.0)]]


def test_of_an_error_the_least_is_best(tmp_path):
    metric, = key_metrics(run_of(tmp_path, [dict(abs_rel=0.5, step=5)]))
    assert metric.best is min


def test_several_runs_have_a_curve_each_in_the_panels_they_share(tmp_path):
    a, b = {'a.loss': 1.0}, {'b.loss': 2.0}
    runs = dict(
        one=run_of(tmp_path / 'one', [dict(a, **b, loss=3.0, step=5)],
                   SOURCES),
        two=run_of(tmp_path / 'two', [dict(a, loss=1.0, step=5)], SOURCES))
    found = {p.title: list(p.curves) for p in loss_panels(runs)}
    assert found == dict(a=['one', 'two'], b=['one'])
    assert metric_panels(runs) == []


@pytest.mark.parametrize('values, is_log', [([100.0, 9.0, 1.0], True),
                                            ([3.0, 2.0, 1.0], False),
                                            ([100.0, 1.0, -1.0], False)])
def test_a_log_scale_needs_a_factor_of_ten_and_no_negative(values, is_log):
    panel = Panel('a', 'loss', dict(loss=list(enumerate(values))))
    assert wants_log(panel) is is_log


def test_pictures_are_svg_and_the_same_each_time(resumed, tmp_path):
    files = plot_runs([resumed.work_dir], tmp_path / 'one')
    again = plot_runs([resumed.work_dir], tmp_path / 'two')
    assert [f.name for f in files] == ['losses.svg', 'metrics.svg']
    for file, other in zip(files, again):
        text = file.read_text()
        assert ElementTree.fromstring(text).tag.endswith('svg')
        assert all(name in text for name in ('animals', 'things', 'stuff'))
        assert text == other.read_text()


def test_a_run_that_diverged_is_drawn(tmp_path):
    entries = [
        dict(loss=value, step=step)
        for step, value in enumerate([1.0, math.inf, math.nan], 1)
    ]
    run_of(tmp_path / 'run', entries)
    assert plot_runs([tmp_path / 'run'], tmp_path)
