"""A run under FSDP is that of DDP, and writes the checkpoints of one."""
import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.hooks import CheckpointHook, EMAHook
from mmengine.model import MMFullyShardedDataParallel
from mmengine.optim import OptimWrapper
from test_two_processes import run_two
from torch import nn

from xlearner_mm.engine.runner.run_checks import check_runner, check_sharded
from xlearner_mm.errors import UserError
from xlearner_mm.models.algorithms import (PrunedExpansionModel,
                                           ShardedDataParallel)
from xlearner_mm.models.algorithms.sharded_data_parallel import (
    check_optim_wrapper, units_of)
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of_file
from xlearner_mm.testing.teachers import pre_distillation

K, TAU = 4, 2

runs_on_the_cpu = pytest.mark.skipif(
    not hasattr(torch.amp, 'GradScaler'), reason='torch < 2.3: GPUs only')


def config(sources: list[dict], work_dir: Path) -> dict:
    """Config of a run with BatchNorm, drift, validation, the best kept."""
    sources = deepcopy(sources)
    cfg = tiny.run_config(
        sources,
        work_dir,
        K,
        log_level='WARNING',
        val_dataloader=dict(sources=sources, num_workers=0),
        val_evaluator=dict(sources=sources),
        val_cfg=dict(type='MultiSourceValLoop'))
    cfg['train_cfg'].update(join_iter=TAU, val_interval=3)
    cfg['custom_hooks'].append(dict(type='UnfusedDriftHook', interval=1))
    cfg['default_hooks']['checkpoint'].update(
        max_keep_ckpts=-1, save_best='average/score', rule='greater')
    return cfg


def sharded_config(sources: list[dict], work_dir: Path) -> dict:
    """Config of the same run under FSDP."""
    return dict(
        config(sources, work_dir),
        model_wrapper_cfg=dict(type='ShardedDataParallel'))


@pytest.fixture(scope='module')
def plain(written_sources, tmp_path_factory):
    """What the processes of a run under DDP end with, and its work_dir."""
    folder = tmp_path_factory.mktemp('plain')
    return run_two(config(written_sources, folder), folder), folder


@pytest.fixture(scope='module')
def sharded(written_sources, tmp_path_factory):
    """The same of a run under FSDP."""
    folder = tmp_path_factory.mktemp('sharded')
    return run_two(sharded_config(written_sources, folder), folder), folder


def rows(work_dir: Path) -> list[dict]:
    """Read what a run logged, but for times and memory."""
    log, = work_dir.glob('*/vis_data/scalars.json')
    return [{
        key: value
        for key, value in json.loads(line).items()
        if 'time' not in key and key != 'memory'
    } for line in log.read_text().splitlines()]


@runs_on_the_cpu
@pytest.mark.parametrize('k', range(1, K + 1))
def test_checkpoints_are_those_of_whole_parameters(plain, sharded, k):
    files = [run[1] / f'iter_{k}.pth' for run in (plain, sharded)]
    assert not list(differences(*map(state_of_file, files)))


@runs_on_the_cpu
def test_the_best_checkpoint_is_that_of_whole_parameters(plain, sharded):
    best = [next(run[1].glob('best_*.pth')) for run in (plain, sharded)]
    assert best[0].name == best[1].name
    weights = [
        torch.load(file, weights_only=False)['state_dict'] for file in best
    ]
    assert not list(differences(*weights))
    assert weights[0]._metadata == weights[1]._metadata != {}


@runs_on_the_cpu
def test_losses_drift_and_metrics_are_those_of_whole_parameters(
        plain, sharded):
    assert not list(
        differences(*(run[0][1]['losses'] for run in (plain, sharded))))
    expected, found = (rows(run[1]) for run in (plain, sharded))
    assert found == expected
    assert {'cls.unfused_drift',
            'average/score'} <= {k
                                 for r in found
                                 for k in r}


@runs_on_the_cpu
def test_a_process_holds_half_of_the_parameters(plain, sharded):
    whole = plain[0][0]['held']
    parts = [rank['held'] for rank in sharded[0]]
    assert sum(parts) == whole
    assert max(parts) < 0.51 * whole


@runs_on_the_cpu
@pytest.mark.slow
@pytest.mark.parametrize('at', [TAU - 1, TAU + 1])
def test_a_resume_is_the_unbroken_run(sharded, written_sources, tmp_path, at):
    cfg = sharded_config(written_sources, tmp_path)
    cfg.update(resume=True, load_from=str(sharded[1] / f'iter_{at}.pth'))
    run_two(cfg, tmp_path)
    ends = [state_of_file(f / f'iter_{K}.pth') for f in (sharded[1], tmp_path)]
    assert not list(differences(*ends))


@runs_on_the_cpu
@pytest.mark.slow
def test_hints_of_phase_separate_are_those_of_whole_parameters(
        written_sources, tmp_path):
    ends = []
    for name in ('plain', 'sharded'):
        folder = tmp_path / name
        cfg = tiny.run_config(deepcopy(written_sources[:2]), folder, K)
        names = [source['name'] for source in cfg['sources']]
        cfg['model']['pre_distillation'] = pre_distillation(names, folder)
        if name == 'sharded':
            cfg['model_wrapper_cfg'] = dict(type='ShardedDataParallel')
        run_two(cfg, folder)
        ends.append(state_of_file(folder / f'iter_{K}.pth'))
    assert not list(differences(*ends))


@pytest.mark.parametrize('change, message', [
    (dict(type='HardSharingModel'), 'not for HardSharingModel'),
    (dict(backward='per_task'), "backward='per_task' does not go with"),
])
def test_other_models_are_refused(sources, change, message):
    cfg = dict(tiny.run_config(sources, 'unused')['model'], **change)
    if change.get('type'):
        cfg['backbone'] = tiny.sub_backbone()
    with pytest.raises(UserError, match=message):
        ShardedDataParallel(MODELS.build(cfg))


def test_a_pruned_expansion_is_refused():
    with pytest.raises(UserError, match='not for PrunedExpansionModel'):
        ShardedDataParallel(PrunedExpansionModel.__new__(PrunedExpansionModel))


class Another(OptimWrapper):
    """Stands for any wrapper but MMEngine's plain one."""


@pytest.mark.parametrize('kind, optimizer, options, message', [
    (Another, torch.optim.SGD, dict(), 'Another with SGD does not go with'),
    (OptimWrapper, torch.optim.Rprop, dict(), 'OptimWrapper with Rprop'),
    (OptimWrapper, torch.optim.SGD, dict(clip_grad=dict(max_norm=1)),
     'clip each part'),
])
def test_other_updates_are_refused(kind, optimizer, options, message):
    optimizer = optimizer(nn.Linear(2, 2).parameters(), lr=0.1)
    with pytest.raises(UserError, match=message):
        check_optim_wrapper(kind(optimizer, **options))


def test_units_are_blocks_and_gammas_none_within_another(sources):
    model = MODELS.build(tiny.run_config(sources, 'unused')['model'])
    units = units_of(model)
    for unit in units:
        assert not units & set(unit.modules()) - {unit}
    kinds = Counter(type(unit).__name__ for unit in units)
    blocks = sum(
        type(m).__name__ == 'BasicBlock' for m in model.backbone.modules())
    gammas = len(model.backbone.reconciliation.layers)
    assert kinds == dict(BasicBlock=blocks, ReconciliationLayer=gammas)


@pytest.mark.parametrize(
    'hook', [EMAHook(), CheckpointHook(interval=1)],
    ids=lambda hook: type(hook).__name__)
def test_hooks_that_need_whole_parameters_are_refused(hook):
    with pytest.raises(UserError, match=f'{type(hook).__name__} needs whole'):
        check_sharded([hook])


def test_mmengines_own_wrapper_is_refused(sources, tmp_path):
    runner = build_runner(tiny.run_config(sources[:1], tmp_path))
    runner.model = MMFullyShardedDataParallel.__new__(
        MMFullyShardedDataParallel)
    with pytest.raises(UserError, match="dict.type='ShardedDataParallel'"):
        check_runner(runner)
