"""The demo from scenes to report, with two or three iterations a run."""
import json
from pathlib import Path

import pytest
import torch

from xlearner_mm.demo import METHODS, Demo
from xlearner_mm.models.pruners import num_weights, without_masks
from xlearner_mm.registry import MODELS
from xlearner_mm.systems import pretrain

CONFIGS = Path(__file__).resolve().parents[1] / 'configs/demo'
PRUNING = ('xlearner-expansion_r18_demo-cls2-det2',
           'xlearner_p-prune_r18_demo-cls2-det2')
FEW = dict(scale=0.005, num_train=24, num_val=12, num_transfer=24, num_test=12)


@pytest.mark.smoke
def test_demo_writes_the_report_and_repeats_nothing(tmp_path):
    rows = Demo(tmp_path, CONFIGS, **FEW).run()
    report = json.loads((tmp_path / 'report.json').read_text())
    assert [row['method']
            for row in report['rows']] == [m.title for m in METHODS]
    for row in report['rows']:
        assert set(row['transfer']) == {'linear_probe', 'det_AP50', 'seg_mIoU'}
        assert all(0 <= v <= 100 for v in row['transfer'].values())
        assert row['params'] == 702_096  # of a ResNet-18 of width 16
    for name in ('report.md', 'losses.png', 'predictions.png'):
        assert (tmp_path / name).stat().st_size > 0
    weights = next(tmp_path.glob('hard-sharing_r18_demo/iter_*.pth'))
    written = weights.stat().st_mtime_ns
    assert Demo(tmp_path, CONFIGS, **FEW).run() == rows
    assert weights.stat().st_mtime_ns == written


@pytest.mark.smoke
def test_pruning_of_the_demo_keeps_a_sub_backbones_weights(tmp_path):
    demo = Demo(tmp_path, CONFIGS, **FEW)
    cfgs = [demo.chain.config(name) for name in PRUNING]
    for cfg, last in zip(cfgs, (2, 1)):
        cfg.train_cfg.update(max_iters=last, join_iter=last - 1)
    first = pretrain(cfgs[0], tmp_path / 'expansion')
    cfgs[1].model.expansion = first['checkpoint']
    pretrain(cfgs[1], tmp_path / 'pruned')
    state = torch.load(
        tmp_path / 'pruned/iter_1.pth', weights_only=False)['state_dict']
    kept = sum(
        int(v.count_nonzero()) for k, v in without_masks(state).items()
        if k.startswith('backbone.') and v.ndim == 4)
    plain = MODELS.build(cfgs[1].resnet)
    assert kept == num_weights(plain) == 702_096 - 2 * 1_200  # BN
