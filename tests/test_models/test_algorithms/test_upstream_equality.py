"""With one source, a joint step is the upstream model's `train_step`."""
from copy import deepcopy

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.optim import OptimWrapper

from xlearner_mm.randomness import seed_model
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences

HEADS = dict(
    image_classifier=(0, None),
    retinanet=(1, tiny.retinanet),
    faster_rcnn=(1, tiny.faster_rcnn),
    encoder_decoder=(2, tiny.fcn))
ALGORITHMS = dict(
    expansion=('ExpansionModel', tiny.expanded_resnet()),
    hard_sharing=('HardSharingModel', tiny.sub_backbone()))


def train_two_steps(model, batches, source=None) -> list[dict]:
    """Train with SGD; return the logs.

    An upstream model is given the randomness that ours gives `source`.
    """
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    wrapper, logs = OptimWrapper(optimizer), []
    model.train()
    for k, data in enumerate(batches):
        torch.manual_seed(k)
        if source is not None:
            seed_model(int(torch.randint(1 << 62, ())), source)
        logs.append(model.train_step(deepcopy(data), wrapper))
    return logs


def plain_names(state: dict, name: str, task: str) -> dict:
    """Name the weights of a one-source model as upstream does."""
    out = {}
    for key, value in state.items():
        key = key.replace(f'sub_backbones.{task}.', '')
        key = key.removeprefix(f'heads.{name}.')
        if not key.startswith('data_preprocessor.preprocessors'):
            out[key] = value
    return out


@pytest.mark.parametrize('algorithm', ALGORITHMS)
@pytest.mark.parametrize('head', HEADS)
def test_one_source_trains_as_upstream_bit_for_bit(sources, head, algorithm):
    from xlearner_mm.datasets import build_train_loader
    index, cfg = HEADS[head]
    source = sources[index]
    if cfg is not None:
        source['model'] = cfg(len(source['train']['metainfo']['classes']))
    kind, backbone = ALGORITHMS[algorithm]
    ours = MODELS.build(dict(type=kind, backbone=backbone, sources=[source]))
    ours.init_weights()
    upstream = MODELS.build(
        ConfigDict(
            source['model'],
            backbone=tiny.sub_backbone(),
            _scope_=source['scope']))
    name, task = source['name'], source['task']
    upstream.load_state_dict(plain_names(ours.state_dict(), name, task))
    batches = list(build_train_loader([source], max_iters=2))
    logs = train_two_steps(ours, [dict(b, phase='joint') for b in batches])
    theirs = train_two_steps(upstream, [b[name] for b in batches], name)
    logs = [{
        k.removeprefix(f'{name}.'): v
        for k, v in log.items()
    } for log in logs]
    assert not list(differences(logs, theirs))
    assert not list(
        differences(
            plain_names(ours.state_dict(), name, task), upstream.state_dict()))
