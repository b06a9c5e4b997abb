"""Growth with T and N: both sides do the same work, and the report says so."""
import json
import runpy
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from xlearner_mm.testing.growth import GrowthComparison, start_up

GROWTH = Path(__file__).parents[2] / 'tools/benchmarks/growth.py'


@pytest.fixture(scope='module', params=[(1, 1), (2, 3)])
def sides(request):
    """An iteration of N sources of T tasks, and its bound; tiny images."""
    return GrowthComparison(
        *request.param,
        depth=18,
        image_size=32,
        batch_size=2,
        device=torch.device('cpu'))


def flops(call) -> int:
    """Count the floating-point operations of convolutions and products."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def test_the_bound_does_the_arithmetic_of_the_iteration(sides):
    expected = flops(sides.step)
    for hold in (True, False):
        assert flops(partial(sides.bound.step, hold=hold)) == expected


def test_the_bound_trains_what_the_model_does(sides):
    ours, bound = (
        sum(p.numel() for p in side.parameters())
        for side in (sides.model, sides.bound))
    assert ours == bound


def test_the_bound_updates_the_same_either_way(sides):
    """Holding the activations changes the memory alone."""
    params = sides.bound.parameters()
    before = [p.detach().clone() for p in params]
    moved = []
    for hold in (True, False):
        for p, value in zip(params, before):
            p.data.copy_(value)
        sides.bound.wrapper.optimizer.state.clear()
        sides.bound.step(hold)
        moved.append([p.detach().clone() for p in params])
    assert any(not torch.equal(a, b) for a, b in zip(before, moved[0]))
    for one, two in zip(*moved):
        torch.testing.assert_close(one, two)


def test_a_start_ends_with_an_iteration(written_sources, tmp_path):
    """Which leaves the log of iteration 1 behind; tiny networks' heads fit."""
    found = start_up('ours', 1, 1, 18, tmp_path)
    assert found['start'] > 0
    assert list((tmp_path / 'run').rglob('*.log'))


@pytest.mark.slow
def test_the_report_has_a_table_and_a_picture(tmp_path, capsys):
    runpy.run_path(str(GROWTH))['main']([
        '--json', '--repeats=2', '--warm-up=0', '--threads=1', '--tasks', '1',
        '--sources', '1', '2', '--image-size=32', '--batch-size=2',
        '--starts=0', f'--work-dir={tmp_path}'
    ])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(row['tasks'], row['count'])
            for row in report['settings']] == [(1, 1), (2, 2)]
    head, _, *rows = (tmp_path / 'growth.md').read_text().splitlines()
    assert head.startswith('| T | N | Time, s | bound | ratio |')
    ratios = [f'{row["ratio"]:.3f}' for row in report['settings']]
    assert [row.split(' | ')[4] for row in rows] == ratios
    assert '<svg' in (tmp_path / 'growth.svg').read_text()
