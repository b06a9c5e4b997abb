"""Mixed precision changes an update by its rounding alone.

AmpOptimWrapper refuses CPUs, so a subclass runs its code there; on a GPU
(`XLEARNER_TEST_GPU=0` names it) it is MMEngine's own. Norm layers are
GroupNorm: BatchNorm over two pixels multiplies any rounding.
"""
import pytest
import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper

from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.cpu_amp import CpuAmp

NORM = dict(type='GN', num_groups=4)
OLD = not hasattr(torch.amp, 'GradScaler')  # no float16 on CPUs
GPU = pytest.param(
    'cuda',
    marks=pytest.mark.skipif(
        not torch.cuda.is_available(), reason='no GPU is given'))


def build(sources, device, backward='joint'):
    """Build a model of three tasks whose gammas are not zero."""
    for head in ('decode_head', 'auxiliary_head'):
        sources[2]['model'][head].update(norm_cfg=NORM)
    torch.manual_seed(3)
    model = MODELS.build(
        dict(
            type='ExpansionModel',
            backbone=tiny.expanded_resnet(
                sub_backbone=tiny.sub_backbone(norm_cfg=NORM),
                reconciliation=dict(
                    type='BottomUpReconciliation', norm_cfg=NORM)),
            sources=sources,
            backward=backward))
    model.init_weights()
    for p in model.backbone.reconciliation.parameters():
        p.data.normal_(std=0.1)
    return model.to(device).train()


def update(model, batch, dtype, device):
    """Train one iteration; return how each task's weights moved."""
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    if dtype == 'float32':
        wrapper = OptimWrapper(optimizer)
    elif device == 'cpu':
        wrapper = CpuAmp(optimizer, dtype)
    else:
        wrapper = AmpOptimWrapper(optimizer=optimizer, dtype=dtype)
    torch.manual_seed(0)
    model.train_step(dict(batch, phase='joint'), wrapper)
    moved = {n: p.detach() - before[n] for n, p in model.named_parameters()}
    nets = {t: f'backbone.sub_backbones.{t}.' for t in model.tasks}
    parts = dict(nets, gammas='backbone.reconciliation.', heads='heads.')
    return {
        part:
        torch.cat(
            [v.flatten() for n, v in moved.items() if n.startswith(prefix)])
        for part, prefix in parts.items()
    }


@pytest.mark.parametrize('device', ['cpu', GPU])
@pytest.mark.parametrize('backward', ['joint', 'per_task'])
@pytest.mark.parametrize('dtype, tolerance', [
    ('bfloat16', 0.5),
    pytest.param(
        'float16', 0.05, marks=pytest.mark.skipif(OLD, reason='torch < 2.3')),
])
def test_an_update_is_that_of_float32_within_rounding(sources, batch, dtype,
                                                      tolerance, backward,
                                                      device):
    """Relative distance; of unrelated updates it would be 1.4."""
    exact = update(build(sources, device), batch, 'float32', device)
    mixed = update(build(sources, device, backward), batch, dtype, device)
    for part, expected in exact.items():
        error = (mixed[part] - expected).norm() / expected.norm()
        assert 0 < error < tolerance, part
