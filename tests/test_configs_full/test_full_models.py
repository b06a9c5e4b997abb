"""The models of the configs at the paper's scale, an eighth as wide."""
import pytest
import torch
from full_configs import FILES, find, networks, read
from full_runs import build_narrow, narrow
from mmengine.model import convert_sync_batchnorm
from mmengine.registry import MODELS

from xlearner_mm.apis import load_config


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_model_builds(file):
    cfg = load_config(str(file))
    narrow(cfg)
    for net in networks(cfg):
        net.depth = 50  # ResNet-152 differs in nothing but repetitions
    model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
    tasks = list(dict.fromkeys(s.task for s in cfg.sources))
    expanded = next(
        getattr(model, part) for part in ('backbone', 'teacher', 'student')
        if hasattr(model, part))
    if hasattr(expanded, 'tasks'):
        assert list(expanded.tasks) == tasks
    first = 20 if 'expansion-r_' in file.stem else 32
    assert channels(expanded) == [first * 2**i for i in range(4)]


def channels(net: torch.nn.Module) -> list[int]:
    """Return the channels of the four stages, by a pass of an image."""
    net.eval()
    with torch.no_grad():
        x = torch.zeros(1, 3, 64, 64)
        outs = net(x, net.tasks[0]) if hasattr(net, 'tasks') else net(x)
    return [out.shape[1] for out in outs]


def test_sync_bn_keeps_what_the_optimizer_holds():
    """The wrapper converts at the start and once more at tau."""
    file = find('xlearner-expansion', 'cls3-det2-seg2')
    assert read(file).sync_bn == 'torch'
    model = build_narrow(file)
    held = {name: id(p) for name, p in model.named_parameters()}
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for phase, trainable in dict(separate=False, joint=True).items():
        model.freeze_idle(phase)
        model = convert_sync_batchnorm(model, read(file).sync_bn)
        kinds = [type(m) for m in model.modules()]
        assert torch.nn.SyncBatchNorm in kinds
        assert torch.nn.BatchNorm2d not in kinds
        assert {n: id(p) for n, p in model.named_parameters()} == held
        for key, value in model.state_dict().items():
            assert torch.equal(value, before[key]), key
        gammas = model.backbone.reconciliation.parameters()
        assert {p.requires_grad for p in gammas} == {trainable}
