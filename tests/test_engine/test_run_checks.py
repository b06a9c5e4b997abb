"""Ways to run that are refused, and what they would do."""
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import FlexibleRunner
from torch import nn

from xlearner_mm.engine.runner.run_checks import check_sync_bn
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny


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
