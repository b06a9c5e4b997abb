"""The benchmarks run, and compare like with like; no time is asserted."""
import json
import mmap
import os
import runpy
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import sleep

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from xlearner_mm.testing.bench_report import reached, rows_of
from xlearner_mm.testing.benchmarking import Lap, compare
from xlearner_mm.testing.exported_student import plain_and_students
from xlearner_mm.testing.iteration_parts import Stopwatch
from xlearner_mm.testing.memory_use import memory_use
from xlearner_mm.testing.processes import private_bytes
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
    for other in (squeeze.bound, *squeeze.hooked.values()):
        assert trained(squeeze.model) == sum(p.numel()
                                             for p in other.parameters())


def test_the_squeeze_does_the_arithmetic_of_its_bound(squeeze):
    assert flops(squeeze.step) == flops(squeeze.bound.step)


def test_hooks_without_gammas_cost_more_by_the_heads_alone(squeeze):
    hooked = squeeze.hooked['RetinaNet']
    backbones = flops(partial(hooked.step, heads=False))
    assert flops(hooked.step) > backbones
    if squeeze.joined:  # each teacher runs the others' stages anew
        assert backbones > flops(squeeze.step)
    else:
        assert backbones == flops(squeeze.step)


def test_the_detectors_are_the_stock_ones(squeeze):
    kinds = [
        type(side.teachers['det_source']).__name__
        for side in squeeze.hooked.values()
    ]
    assert kinds == ['FasterRCNN', 'RetinaNet']
    assert flops(squeeze.hooked['Faster R-CNN'].step) > flops(
        squeeze.hooked['RetinaNet'].step)


def test_hooks_read_what_the_squeeze_learns(squeeze):
    x = torch.rand(2, 3, 32, 32)
    expected = squeeze.model.teacher.forward_all(x)
    for side in squeeze.hooked.values():
        found = side.teach('cls_source', x)
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


@pytest.mark.skipif(
    not hasattr(mmap, 'MADV_NOHUGEPAGE'), reason='huge pages need few faults')
def test_laps_count_page_faults():
    pages, size = 1000, mmap.PAGESIZE
    with mmap.mmap(-1, pages * size) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        start = Lap.now()
        for i in range(pages):
            memory[i * size] = 1
        lap = Lap.now().since(start)
    assert pages <= lap.faults < 1.1 * pages


SMALL = ['--image-size', '32', '--batch-size', '2']


@pytest.mark.smoke
@pytest.mark.parametrize('name, options', [
    ('train_step', ['--depth', '18', '--tasks', '2', *SMALL]),
    pytest.param(
        'step_memory', ['--depth', '18', '--tasks', '2', *SMALL],
        marks=pytest.mark.slow),
    pytest.param(
        'squeeze_step', ['--depth', '18', '--tasks', '2', *SMALL],
        marks=pytest.mark.slow),
    pytest.param(
        'hard_sharing_step', ['--depth', '18', *SMALL],
        marks=pytest.mark.slow),
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


def run_benchmark(name: str, capsys, *args: str) -> dict:
    """Run a benchmark at toy size; return its last line."""
    tool = runpy.run_path(str(BENCHMARKS / f'{name}.py'))
    tool['main']([
        '--json', '--repeats', '2', '--warm-up', '0', '--threads', '1', *args
    ])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report['name'] == name
    assert all(isinstance(reached(row), bool) for row in rows_of(report))
    return report


@pytest.mark.slow
def test_dataloader_puts_a_pool_beside_separate_loaders(capsys):
    report = run_benchmark('dataloader', capsys, '--sources', '3', '--workers',
                           '1', '--iterations', '2', '--sides', '32', '64')
    limit, separate = rows_of(report)
    assert (limit['setting'], separate['setting']) == ('N=3, W=1', 'N=3, W=3')
    assert report['ratio'] == limit['ratio'] > 0 < separate['ratio']


@pytest.mark.slow
def test_annotations_are_not_copied_to_the_workers(capsys):
    report = run_benchmark('annotations', capsys, '--images', '100', '100000',
                           '--sources', '2', '--workers', '1', '--iterations',
                           '2')
    assert report['growth'] < 0.5


@pytest.mark.parametrize('touch, least, most', [
    (np.max, 0, 4),
    (lambda pages: pages.fill(2), 32, 36),
])
def test_private_bytes_are_those_a_child_wrote_to(touch, least, most):
    pages = np.ones(32 * 2**20, np.uint8)
    fork = get_context('fork')
    answers = fork.SimpleQueue()

    def child() -> None:
        before = private_bytes(os.getpid())
        touch(pages)
        answers.put(private_bytes(os.getpid()) - before)

    process = fork.Process(target=child)
    process.start()
    grown = answers.get()
    process.join()
    assert least <= grown / 2**20 <= most


@pytest.mark.slow
def test_resume_begins_at_both_iterations(capsys):
    report = run_benchmark('resume', capsys, '--iterations', '3', '2000',
                           '--sources', '1', '--workers', '0')
    early, late = report['bytes'].values()
    assert late > early  # the logged values of a thousand iterations
    assert late - early < 3e6


@pytest.mark.smoke
def test_framework_share_counts_every_part(capsys):
    report = run_benchmark('framework_share', capsys, '--sources', '1',
                           '--start', '0', '--window', '2', '--workers', '0')
    row, = report['settings']
    assert sum(row['parts'].values()) == pytest.approx(1)
    assert {'model', 'pipeline', 'loop', 'step'} < set(row['parts'])


def test_a_part_within_another_counts_for_itself():
    watch = Stopwatch(CPU, 'rest')
    with watch.part('outer'):
        with watch.part('inner'):
            sleep(0.02)
    found = watch.restart()
    assert found['inner'] >= 0.02
    assert set(found) == {'rest', 'outer', 'inner'}
    assert watch.restart().keys() == {'rest'}


@pytest.mark.smoke
def test_start_up_reports_the_slower_of_two(capsys, monkeypatch):
    tool = runpy.run_path(str(BENCHMARKS / 'start_up.py'))
    for name, code in zip(tool['COMMANDS'], ('sum(range(10**7))', '0', '0')):
        monkeypatch.setitem(tool['COMMANDS'], name, ['-c', code])
    tool['main'](['--json', '--repeats', '2', '--warm-up', '0'])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    ratios = {row['setting']: row['ratio'] for row in rows_of(report)}
    assert report['ratio'] == ratios['import xlearner_mm']
    assert ratios['import xlearner_mm'] > ratios['train.py --help']
