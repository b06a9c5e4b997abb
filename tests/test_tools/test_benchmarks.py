"""The benchmarks run, and compare like with like; no time is asserted."""
import json
import runpy
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from xlearner_mm.testing.bench_report import reached, rows_of
from xlearner_mm.testing.benchmarking import Lap, compare
from xlearner_mm.testing.exported_student import plain_and_students
from xlearner_mm.testing.memory_use import memory_use
from xlearner_mm.testing.shared_comparison import SharedComparison, settings
from xlearner_mm.testing.squeeze_comparison import SqueezeComparison
from xlearner_mm.testing.step_comparison import StepComparison

BENCHMARKS = Path(__file__).parents[2] / 'tools' / 'benchmarks'
CPU = torch.device('cpu')


@pytest.fixture(scope='module')
def pair():
    """A joint iteration of four ResNet-18 and its bound, tiny images."""
    return StepComparison(18, 4, image_size=32, batch_size=2, device=CPU)


@pytest.fixture(scope='module', params=[True, False])
def squeeze(request):
    """A squeeze of two ResNet-18, with and without gammas."""
    return SqueezeComparison(
        18, 2, request.param, image_size=32, batch_size=2, device=CPU)


@pytest.fixture(
    scope='module', params=['det', 'cls + det + seg', '3 cls merged'])
def shared(request):
    """A hard-sharing iteration and upstream's."""
    sides = settings(18, image_size=32, batch_size=2)[request.param]
    return SharedComparison(*sides, depth=18, image_size=32, device=CPU)


def flops(call) -> int:
    """Count the floating-point operations of convolutions and products."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def trained(module: nn.Module) -> int:
    """Count what is trained."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def test_the_bound_trains_as_many_parameters_as_the_model(pair):
    ours = sum(p.numel() for p in pair.model.parameters())
    assert ours == sum(p.numel() for p in pair.bound.parameters())


def test_the_bound_does_the_arithmetic_of_the_joint_iteration(pair):
    assert flops(pair.step) == flops(pair.bound.step)


def test_all_squeezes_train_as_many_parameters(squeeze):
    for other in (squeeze.bound, squeeze.hooked):
        assert trained(squeeze.model) == sum(p.numel()
                                             for p in other.parameters())


def test_the_squeeze_does_the_arithmetic_of_its_bound(squeeze):
    assert flops(squeeze.step) == flops(squeeze.bound.step)


def test_hooks_without_gammas_cost_more_by_the_heads_alone(squeeze):
    backbones = flops(partial(squeeze.hooked.step, heads=False))
    assert flops(squeeze.hooked.step) > backbones
    if squeeze.joined:  # each teacher runs the others' stages anew
        assert backbones > flops(squeeze.step)
    else:
        assert backbones == flops(squeeze.step)


def test_hooks_read_what_the_squeeze_learns(squeeze):
    x = torch.rand(2, 3, 32, 32)
    expected = squeeze.model.teacher.forward_all(x)
    found = squeeze.hooked.teach('cls_source', x)
    assert list(found) == ['cls_source', 'det_source']
    for feature, feats in zip(found.values(), expected.values()):
        torch.testing.assert_close(feature, feats[-1])


def test_hard_sharing_does_the_arithmetic_of_the_upstream_step(shared):
    assert flops(shared.step) == flops(shared.upstream.step)


def test_hard_sharing_trains_what_upstream_does(shared):
    upstream = sum(p.numel() for p in shared.upstream.parameters())
    more = len(shared.model.heads) - len(shared.upstream.models)
    head = next(iter(shared.model.heads.values()))
    assert trained(shared.model) == upstream + more * trained(head)


def test_students_are_torchvisions_resnet_in_size_and_arithmetic():
    nets = plain_and_students(18)
    x = torch.rand(1, 3, 32, 32)
    costs = {(trained(net), flops(partial(net, x))) for net in nets.values()}
    assert len(nets) == 4 and len(costs) == 1


def test_students_of_all_packages_have_the_exported_features():
    nets = plain_and_students(18)
    x = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        expected = nets['torchvision'](x)
        for name in ('mmpretrain', 'mmdet'):
            torch.testing.assert_close(nets[name](x)[-1], expected)
        assert not torch.allclose(nets['plain'](x), expected)


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


SMALL = ['--image-size', '32', '--batch-size', '2']


@pytest.mark.smoke
@pytest.mark.parametrize('name, options', [
    ('train_step', ['--depth', '18', '--tasks', '2', *SMALL]),
    ('step_memory', ['--depth', '18', '--tasks', '2', *SMALL]),
    ('squeeze_step', ['--depth', '18', '--tasks', '2', *SMALL]),
    ('hard_sharing_step', ['--depth', '18', *SMALL]),
    ('inference', ['--depth', '18', *SMALL]),
    pytest.param(
        'parallel_step', ['--rounds', '2', *SMALL], marks=pytest.mark.slow),
])
def test_a_benchmark_ends_with_one_line_of_json(name, options, capsys):
    tool = runpy.run_path(str(BENCHMARKS / f'{name}.py'))
    tool['main']([
        '--json', '--repeats', '2', '--warm-up', '0', '--threads', '1',
        *options
    ])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report['name'] == name
    assert report['versions']['torch'] == torch.__version__
    rows = rows_of(report)
    assert report['ratio'] in [row['ratio'] for row in rows]
    assert all(row['against'] for row in rows)
    assert isinstance(reached(rows[0]), bool)
