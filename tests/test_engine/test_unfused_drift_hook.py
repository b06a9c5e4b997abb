"""The drift of the gammas' inputs against naive statistics."""
import torch
from torch.nn import functional as F

from xlearner_mm.engine.hooks.unfused_drift_hook import unfused_drift
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import runs, tiny


def test_drift_of_the_stem_is_the_shift_in_standard_deviations():
    torch.manual_seed(0)
    net = MODELS.build(
        dict(
            tiny.expanded_resnet(
                reconciliation=dict(
                    type='BottomUpReconciliation', fuse_stages=(0, ))),
            tasks=['cls', 'det']))
    sub = net.sub_backbones['cls']
    sub.eval()
    x = torch.rand(3, 3, 17, 23)
    # Make every layer exact; then only what is shifted afterwards drifts.
    taps = sub.conv1(x)
    sub.norm1.running_mean.copy_(taps.mean((0, 2, 3)).detach())
    feature = sub.maxpool(F.relu(sub.norm1(taps)))
    for block in sub.layer1:
        middle = feature
        for conv, norm in ((block.conv1, block.norm1), (block.conv2,
                                                        block.norm2)):
            taps = conv(middle)
            norm.running_mean.copy_(taps.mean((0, 2, 3)).detach())
            middle = F.relu(norm(taps))
        feature = block(feature)
    assert unfused_drift(net, 'cls', x) < 1e-6
    sub.norm1.running_mean.sub_(0.5)
    sub.norm1.bias.data.sub_(0.5 / (1 + sub.norm1.eps)**0.5)
    # Five BatchNorm layers; the bias undoes the shift for the other four.
    expected = 0.5 / (1 + sub.norm1.eps)**0.5 / 5
    assert abs(unfused_drift(net, 'cls', x) - expected) < 1e-5


def test_measuring_leaves_hooks_and_statistics_as_they_were():
    net = MODELS.build(dict(tiny.expanded_resnet(), tasks=['cls', 'det']))
    before = {k: v.clone() for k, v in net.state_dict().items()}
    unfused_drift(net, 'det', torch.rand(2, 3, 33, 31))
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_pre_hooks for m in net.modules())


def test_drift_is_logged_per_task_in_phase_joint_only(tmp_path):
    sources = [tiny.cls_source(tmp_path), tiny.seg_source(tmp_path)]
    cfg = tiny.run_config(sources, tmp_path / 'run')
    cfg['custom_hooks'] = [dict(type='UnfusedDriftHook', interval=1)]
    runner, _ = runs.train(cfg)
    for task in ('cls', 'seg'):
        _, counts = runner.message_hub.get_scalar(
            f'train/{task}.unfused_drift').data
        assert len(counts) == 2  # iterations 2 and 3 of 4, tau = 2


def test_pictures_of_several_sizes_are_measured_as_they_were_trained_on(
        tmp_path):
    sources = [
        tiny.cls_source(tmp_path),
        tiny.seg_source(tmp_path, batch_size=5)
    ]
    sources[1]['train']['pipeline'].insert(
        2, dict(type='RandomResize', scale=(32, 32), ratio_range=(0.5, 1.0)))
    cfg = tiny.run_config(sources, tmp_path / 'run', max_iters=1)
    cfg['custom_hooks'] = [dict(type='UnfusedDriftHook', interval=1)]
    runner, _ = runs.train(cfg)
    drift = runner.message_hub.get_scalar('train/seg.unfused_drift').current()
    assert 0 < drift < 10
