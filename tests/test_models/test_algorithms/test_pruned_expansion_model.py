"""X-Learner_p: bare runs of pruning, resumed, averaged."""
import logging
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.runner import load_checkpoint

from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import convolutions, kept_weights, num_weights
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import (build_runner, differences, state_of,
                                      state_of_file, train)

K, BUDGET = 4, 0.4


def config(sources: list[dict], work_dir: Path, expansion: Path,
           **kwargs) -> dict:
    """Config of a pruning run from an expansion's checkpoint."""
    model = dict(
        type='PrunedExpansionModel',
        backbone=tiny.expanded_resnet(
            type='PrunedExpandedResNet', budget=BUDGET),
        sources=sources,
        expansion=str(expansion))
    cfg = tiny.run_config(sources, work_dir, K, model=model, **kwargs)
    cfg['train_cfg']['join_iter'] = 0
    cfg['optim_wrapper']['optimizer']['weight_decay'] = 0.1
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    return cfg


@pytest.fixture(scope='module')
def expansion(written_sources, tmp_path_factory):
    """The checkpoint of an expansion of two iterations."""
    folder = tmp_path_factory.mktemp('expansion')
    train(tiny.run_config(deepcopy(written_sources), folder, max_iters=2))
    return folder / 'iter_2.pth'


@pytest.fixture(scope='module')
def unbroken(written_sources, expansion, tmp_path_factory):
    """Config, final state and losses of one run."""
    cfg = config(
        deepcopy(written_sources), tmp_path_factory.mktemp('pruned'),
        expansion)
    runner, losses = train(cfg)
    return cfg, runner, losses


def masks(state: dict) -> dict:
    found = {k: v for k, v in state.items() if k.endswith('weight_mask')}
    assert found
    return found


def test_starts_from_the_whole_expansion_and_says_what_is_kept(
        unbroken, expansion, monkeypatch):
    logged, handler = [], logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'handlers', [handler])
    monkeypatch.setattr(logger, 'level', logging.INFO)
    model = MODELS.build(unbroken[0]['model'])
    model.init_weights()
    start = state_of_file(expansion)['model']
    for name, value in model.heads.state_dict(prefix='heads.').items():
        assert torch.equal(value, start[name])
    convs = convolutions(model.backbone)
    total = num_weights(model.backbone)
    assert kept_weights(model.backbone) == round(BUDGET * total)
    assert (f'pruned expanded backbone: {round(BUDGET * total)} of {total} '
            'convolution weights are not zero (40.0%)') in logged
    for name, conv in convs.items():
        weight = start[f'backbone.{name}.weight'] * conv.weight_mask
        assert torch.equal(conv.weight_orig, weight)


def test_pruned_weights_are_zero_after_a_run_and_the_kept_ones_have_learnt(
        unbroken, expansion):
    state = unbroken[1].model.state_dict()
    start = state_of_file(expansion)['model']
    for name, mask in masks(state).items():
        weight = state[name.replace('_mask', '_orig')]
        assert not weight[mask == 0].any()
        before = start[name.replace('_mask', '')]
        assert not torch.equal(weight, before * mask) or not mask.any()
    net = unbroken[1].model.backbone
    assert kept_weights(net) == net.budget
    assert unbroken[1].train_loop.phase == 'joint'


@pytest.mark.parametrize('at', [1, 3])
def test_resumed_equals_unbroken(unbroken, tmp_path, at):
    cfg, runner, losses = unbroken
    file = Path(cfg['work_dir'], f'iter_{at}.pth')
    resumed, found = train(
        deepcopy(cfg), work_dir=str(tmp_path), load_from=str(file),
        resume=True)  # yapf: disable
    assert not list(
        differences(found, {
            k: v
            for k, v in losses.items() if k >= at
        }))
    assert not list(differences(state_of(resumed), state_of(runner)))
    assert kept_weights(resumed.model.backbone) == runner.model.backbone.budget


def test_an_average_of_the_weights_has_the_same_zeros(unbroken, tmp_path):
    cfg = deepcopy(unbroken[0])
    cfg['custom_hooks'] = [dict(type='EMAHook', momentum=0.3)]
    train(cfg, work_dir=str(tmp_path))
    held = torch.load(
        tmp_path / f'iter_{K}.pth', map_location='cpu', weights_only=False)
    averaged, raw = held['state_dict'], held['ema_state_dict']
    name = 'backbone.sub_backbones.cls.layer1.0.conv1.weight_orig'
    assert not torch.equal(averaged[name], raw[f'module.{name}'])
    for name, mask in masks(averaged).items():
        assert not averaged[name.replace('_mask', '_orig')][mask == 0].any()
    expected = masks(unbroken[1].model.state_dict())
    assert not list(differences(masks(averaged), expected))


def test_a_checkpoint_serves_a_test_without_the_expansion(unbroken):
    cfg = dict(unbroken[0]['model'], expansion='not_there.pth')
    model = MODELS.build(cfg)
    file = Path(unbroken[0]['work_dir'], f'iter_{K}.pth')
    load_checkpoint(model, str(file))
    assert not list(
        differences(model.state_dict(), unbroken[1].model.state_dict()))


@pytest.mark.parametrize('change, words', [
    (lambda s: {k: v for k, v in s.items() if 'backbone' not in k},
     'another expanded backbone.*missing'),
    (lambda s: {k: v for k, v in s.items() if '_to_seg_' not in k},
     'missing .*_to_seg_'),
    (lambda s: {k: v for k, v in s.items() if 'heads.stuff' not in k},
     'Missing key.*heads.stuff'),
    (lambda s: {**s, 'heads.animals.head.fc.bias': torch.zeros(9)},
     'size mismatch for heads.animals'),
])  # yapf: disable
def test_what_is_no_expansion_of_these_sources_is_refused(
        unbroken, expansion, tmp_path, change, words):
    state = change(state_of_file(expansion)['model'])
    torch.save(dict(state_dict=state), tmp_path / 'other.pth')
    model = MODELS.build(
        dict(unbroken[0]['model'], expansion=str(tmp_path / 'other.pth')))
    with pytest.raises(UserError, match=f'(?s)is no expansion.*{words}'):
        model.init_weights()


def test_a_checkpoint_of_a_squeeze_or_none_is_refused(sources, tmp_path):
    cfg = config(sources, tmp_path, tmp_path / 'squeezed.pth')['model']
    student = MODELS.build(tiny.sub_backbone()).state_dict(prefix='student.')
    torch.save(dict(state_dict=student), tmp_path / 'squeezed.pth')
    with pytest.raises(UserError, match='is no expansion'):
        MODELS.build(cfg).init_weights()
    with pytest.raises(UserError, match='set model.expansion'):
        MODELS.build(dict(cfg, expansion=None))


def test_a_budget_larger_than_the_network_stops_the_run(
        sources, expansion, tmp_path):
    cfg = config(sources, tmp_path, expansion)
    cfg['model']['backbone']['budget'] = 10**7
    with pytest.raises(UserError, match='keeps 10000000 of the'):
        build_runner(cfg)
