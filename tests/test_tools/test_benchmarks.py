"""The benchmarks run, and compare like with like; no time is asserted."""
import json
import runpy
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from xlearner_mm.testing.benchmarking import Lap, compare
from xlearner_mm.testing.memory_use import memory_use
from xlearner_mm.testing.step_comparison import StepComparison

BENCHMARKS = Path(__file__).parents[2] / 'tools' / 'benchmarks'
CPU = torch.device('cpu')


@pytest.fixture(scope='module')
def pair():
    """A joint iteration of three ResNet-18 and its bound, tiny images."""
    return StepComparison(18, 3, image_size=32, batch_size=2, device=CPU)


def flops(call) -> int:
    """Count the floating-point operations of convolutions and products."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def test_the_bound_trains_as_many_parameters_as_the_model(pair):
    ours = sum(p.numel() for p in pair.model.parameters())
    assert ours == sum(p.numel() for p in pair.bound.parameters())


def test_the_bound_does_the_arithmetic_of_the_joint_iteration(pair):
    assert flops(pair.step) == flops(pair.bound.step)


def test_memory_tells_the_peak_from_what_is_kept():

    def two_then_one() -> torch.Tensor:
        first = torch.ones(1000)
        return first + 1  # 4000 bytes each

    peak, kept = memory_use(two_then_one, CPU)
    assert 8000 <= peak < 8100  # and the scalar 1
    assert kept == 4000


def test_compare_takes_medians_and_pairs():
    ours = [Lap(1.0, 2.0), Lap(2.0, 2.0), Lap(9.0, 2.0)]
    bound = [Lap(1.0, 1.0), Lap(1.0, 1.0), Lap(3.0, 1.0)]
    result = compare(ours, bound)
    assert (result['ratio'], result['cpu_ratio']) == (2.0, 2.0)
    assert result['pairs']['median'] == 2.0


@pytest.mark.smoke
def test_train_step_ends_with_one_line_of_json(capsys):
    tool = runpy.run_path(str(BENCHMARKS / 'train_step.py'))
    tool['main']([
        '--json', '--depth', '18', '--tasks', '2', '--image-size', '32',
        '--batch-size', '2', '--repeats', '2', '--warm-up', '1', '--threads',
        '1'
    ])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report['name'] == 'train_step'
    assert report['ratio'] == report['settings'][0]['ratio'] > 0
    assert report['memory_ratio'] > 0
    assert report['versions']['torch'] == torch.__version__
