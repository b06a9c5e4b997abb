"""Top-down gammas in the expanded backbone, the loops and the squeeze."""
from copy import deepcopy
from pathlib import Path

import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.models import ExpandedResNet
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (build_runner, differences, gradients,
                                      squeeze_config, state_of, train)

TASKS = ('cls', 'det', 'seg')
K, TAU = 4, 2
TOP_DOWN = dict(type='TopDownReconciliation')
OTHER_EDGES = 'missing .*cls_1_to_det_0.*not expected .*cls_0_to_det_1'
DILATED = tiny.sub_backbone(strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4))


def trained(net: torch.nn.Module) -> torch.nn.Module:
    """Give gammas and BatchNorms values as training would."""
    torch.manual_seed(3)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1)
            module.bias.data.normal_()
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net


def images() -> torch.Tensor:
    """Return noise of an odd size."""
    return torch.randn(
        2, 3, 33, 47, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('sub_backbone', [tiny.sub_backbone(), DILATED])
def test_fresh_gammas_change_no_output(sub_backbone, train):
    net = ExpandedResNet(TASKS, sub_backbone, TOP_DOWN).train(train)
    for task in TASKS:
        plain = deepcopy(net)(images(), task, fuse=False)
        assert not list(differences(net(images(), task), plain))


@pytest.mark.parametrize('sub_backbone', [tiny.sub_backbone(), DILATED])
@pytest.mark.parametrize('stages', [(0, 1, 2), (1, 3), (2, ), (0, 1, 2, 3)])
def test_forward_all_equals_the_tasks_forwards(stages, sub_backbone):
    net = trained(
        ExpandedResNet(TASKS, sub_backbone, dict(TOP_DOWN,
                                                 fuse_stages=stages))).eval()
    together = net.forward_all(images())
    for task in TASKS:
        assert not list(differences(together[task], net(images(), task)))


@pytest.mark.parametrize('task', TASKS)
def test_the_loss_of_a_task_reaches_all_its_own_parts_alone(task):
    net = trained(ExpandedResNet(TASKS, tiny.sub_backbone(), TOP_DOWN))
    before = deepcopy(net.state_dict())
    # The last stage alone, as a classifier reads it.
    net(images(), task)[-1].square().sum().backward()
    own = {
        n
        for n, _ in net.named_parameters()
        if n.startswith(f'sub_backbones.{task}.') or f'_to_{task}_' in n
    }
    assert gradients(net) == own
    assert all(p.grad.abs().max() > 0 for n, p in net.named_parameters()
               if n in own)  # yapf: disable
    changed = {
        n
        for n, v in net.state_dict().items() if not torch.equal(v, before[n])
    }
    assert changed and all(
        n.startswith(f'sub_backbones.{task}.') or f'_to_{task}_' in n
        for n in changed)


@pytest.fixture(scope='module')
def expansion(written_sources, tmp_path_factory):
    """A run with top-down gammas: its config, final state and losses."""
    cfg = tiny.run_config(
        deepcopy(written_sources), tmp_path_factory.mktemp('top_down'), K)
    cfg['model']['backbone']['reconciliation'] = TOP_DOWN
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    cfg['custom_hooks'].append(dict(type='UnfusedDriftHook', interval=1))
    runner, losses = train(cfg)
    return cfg, runner, losses


def checkpoint(expansion, at: int = K) -> Path:
    return Path(expansion[0]['work_dir'], f'iter_{at}.pth')


@pytest.mark.parametrize('at', [TAU, TAU + 1])
def test_resumed_equals_unbroken(expansion, tmp_path, at):
    cfg, whole, losses = expansion
    runner, rest = train(
        cfg,
        work_dir=str(tmp_path),
        load_from=str(checkpoint(expansion, at)),
        resume=True)
    assert set(rest) == set(range(at, K))
    assert not list(differences(rest, {k: losses[k] for k in rest}))
    assert not list(differences(state_of(runner), state_of(whole)))


def test_phase_joint_trains_every_gamma_and_logs_the_drift(expansion):
    _, runner, _ = expansion
    start, end = (
        torch.load(checkpoint(expansion, k), weights_only=False)['state_dict']
        for k in (TAU, K))
    gammas = [n for n in start if '_to_' in n and n.endswith('conv.weight')]
    assert gammas
    assert not [n for n in gammas if torch.equal(start[n], end[n])]
    scalars = runner.message_hub.log_scalars
    assert {f'train/{task}.unfused_drift' for task in TASKS} <= set(scalars)


def test_the_squeeze_reads_the_fused_features(expansion, sources, tmp_path):
    cfg = squeeze_config(sources, tmp_path, checkpoint(expansion), max_iters=1)
    cfg['model']['teacher']['reconciliation'] = TOP_DOWN
    runner, losses = train(cfg)
    assert not list(
        differences(runner.model.teacher.state_dict(),
                    expansion[1].model.backbone.state_dict()))
    assert {f'{s["name"]}.{t}_hint_loss'
            for s in sources
            for t in TASKS} <= set(losses[0])


@pytest.fixture(scope='module')
def bottom_up_file(written_sources, tmp_path_factory):
    """Checkpoint of an expansion with the other gammas."""
    model = MODELS.build(
        dict(type='ExpansionModel', backbone=tiny.expanded_resnet(),
             sources=deepcopy(written_sources)))  # yapf: disable
    file = tmp_path_factory.mktemp('bottom_up') / 'iter_4.pth'
    torch.save(dict(state_dict=model.state_dict()), file)
    return file


def test_an_expansion_refuses_a_bottom_up_checkpoint(expansion, tmp_path,
                                                     bottom_up_file):
    runner = build_runner(
        expansion[0], work_dir=str(tmp_path), load_from=str(bottom_up_file))
    with pytest.raises(UserError, match=OTHER_EDGES):
        runner.load_or_resume()


def test_a_squeeze_refuses_a_bottom_up_checkpoint(sources, tmp_path,
                                                  bottom_up_file):
    cfg = squeeze_config(sources, tmp_path, bottom_up_file)
    cfg['model']['teacher']['reconciliation'] = TOP_DOWN
    with pytest.raises(UserError, match=OTHER_EDGES):
        train(cfg)
