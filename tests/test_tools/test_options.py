"""Every option is measured, and is the one that a config names."""
import json
import runpy
from pathlib import Path

import pytest
import torch
from mmengine.optim import AmpOptimWrapper

from xlearner_mm.testing.bench_report import rows_of
from xlearner_mm.testing.step_options import OPTIONS, OptionStep, steps

BENCHMARK = Path(__file__).parents[2] / 'tools/benchmarks/options.py'
CPU = torch.device('cpu')


def step(name: str) -> OptionStep:
    """Build a joint step under one option."""
    return OptionStep('joint', 18, 32, 2, OPTIONS['joint'][name], CPU)


def test_options_reach_what_they_are_of():
    nets = step('with_cp').model.backbone.sub_backbones
    assert all(block.with_cp for net in nets.values() for block in net.layer1)
    memory_format = step('channels last').model.data_preprocessor.memory_format
    assert memory_format == torch.channels_last
    assert step('per_task').model.backward == 'per_task'
    assert isinstance(step('bfloat16').wrapper, AmpOptimWrapper)


def test_accumulation_updates_once_in_two_iterations(monkeypatch):
    two = step('accumulate 2')
    updates, update = [], two.wrapper.optimizer.step
    monkeypatch.setattr(two.wrapper.optimizer, 'step',
                        lambda: updates.append(update()))
    two()
    assert len(updates) == 1


def test_averaged_weights_are_kept():
    averaged = step('EMA')
    averaged()
    hook, = averaged._hooks
    assert hook.ema_model.steps == 2


def test_float16_is_for_gpus():
    names = list(OPTIONS['squeeze'])
    assert list(steps('squeeze', 18, 32, 2, ['float16'], CPU)) == ['plain']
    assert names == ['channels last', 'compile']


@pytest.mark.slow
def test_each_option_has_a_row_of_time_and_one_of_memory(capsys):
    runpy.run_path(str(BENCHMARK))['main']([
        '--json', '--repeats=2', '--warm-up=0', '--threads=1', '--depth=18',
        '--image-size=32', '--batch-size=2', '--option', 'with_cp',
        'channels last'
    ])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = [(row['setting'], row['against']) for row in rows_of(report)]
    assert found == [(f'{setting}, {option}', f'{what}, option / plain')
                     for setting, option in (('joint, R18', 'channels last'),
                                             ('joint, R18', 'with_cp'),
                                             ('squeeze, R18', 'channels last'))
                     for what in ('time', 'peak memory')]
