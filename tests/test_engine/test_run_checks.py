"""Ways to run that are refused, and what they would do."""
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.model import MMFullyShardedDataParallel
from mmengine.runner import FlexibleRunner
from torch import nn

from xlearner_mm.engine.runner.run_checks import check_runner, check_sync_bn
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner

SCRIPT = Path(__file__).with_name('run_sharded.py')


@pytest.mark.skipif(
    not hasattr(torch.amp, 'GradScaler'), reason='torch < 2.3: GPUs only')
def test_sharded_parameters_train_as_whole_ones(tmp_path):
    """One iteration of FSDP is that of DDP bit for bit, two processes."""
    out = tmp_path / 'ends.pth'
    done = subprocess.run([
        sys.executable, '-m', 'torch.distributed.run', '--standalone',
        '--nproc-per-node=2', SCRIPT, out
    ],
                          env=dict(
                              os.environ,
                              PYTHONPATH=str(SCRIPT.parents[2]),
                              OMP_NUM_THREADS='1'),
                          capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr[:6000]
    whole, sharded = torch.load(out).values()
    assert list(whole['weights']) == list(sharded['weights'])
    for name, value in whole['weights'].items():
        assert torch.equal(sharded['weights'][name], value), name
    assert sharded['held'] < 0.51 * whole['held']


def test_a_run_with_sharded_parameters_is_refused(sources, tmp_path):
    runner = build_runner(tiny.run_config(sources[:1], tmp_path))
    runner.model = MMFullyShardedDataParallel.__new__(
        MMFullyShardedDataParallel)
    with pytest.raises(UserError, match='leave it out for MMDistributed'):
        check_runner(runner)


def test_a_runner_that_builds_the_model_later_is_refused(sources, tmp_path):
    cfg = tiny.run_config(
        sources[:1],
        tmp_path,
        experiment_name='flexible',
        env_cfg=dict(dist_cfg=dict(backend='gloo')))
    runner = FlexibleRunner.from_cfg(Config(cfg, format_python_code=False))
    with pytest.raises(UserError, match='FlexibleRunner builds the model'):
        runner.train()


@pytest.mark.parametrize('device, processes', [('cpu', 1), ('cuda', 2)])
def test_sync_bn_is_for_gpus_or_one_process(device, processes):
    net = nn.Sequential(nn.SyncBatchNorm(3)).train()
    check_sync_bn(net, device, processes)
    if processes == 1:
        x = torch.rand(4, 3, 5, 5)
        assert torch.equal(net(x), nn.BatchNorm2d(3).train()(x))


def test_sync_bn_in_processes_without_gpu_is_refused():
    net = nn.Sequential(nn.Identity(), nn.SyncBatchNorm(3))
    with pytest.raises(UserError, match='^1 is SyncBN, which torch has for'):
        check_sync_bn(net, 'cpu', 2)
