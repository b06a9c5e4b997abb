"""The expanded backbone inside stock mmdet, mmseg and mmpretrain models."""
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS as STOCK
from mmengine.registry import DefaultScope

from xlearner_mm.engine.hooks.pretrained_check_hook import compare
from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import convolutions, kept_weights
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences

TASKS = ('cls', 'det', 'seg')
KINDS = ('ExpandedResNet', 'PrunedExpandedResNet')
IMAGES = torch.rand(2, 3, 37, 51, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope='module')
def files(tmp_path_factory) -> dict[str, str]:
    """Checkpoints of whole models, as the expansion and pruning write."""
    net = MODELS.build(tiny.expanded_resnet(tasks=TASKS))
    generator = torch.Generator().manual_seed(3)
    for value in net.state_dict().values():
        if value.ndim == 1 and value.is_floating_point():  # of BatchNorms
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    pruned = MODELS.build(network('PrunedExpandedResNet'))
    pruned.load_state_dict(net.state_dict())
    found, root = {}, tmp_path_factory.mktemp('checkpoints')
    for kind, module in zip(KINDS, (net, pruned)):
        state = module.state_dict(prefix='backbone.')
        state['heads.animals.head.fc.bias'] = torch.zeros(3)
        found[kind] = str(root / f'{kind}.pth')
        torch.save(dict(state_dict=state), found[kind])
    return found


def network(kind: str, **kwargs) -> dict:
    return tiny.expanded_resnet(type=kind, tasks=TASKS, **kwargs)


def backbone(files, kind: str = 'ExpandedResNet', **kwargs) -> dict:
    """Config as a user of a stock config writes it."""
    return dict(
        dict(
            type='xlearner_mm.ExpandedBackbone',
            network=network(kind),
            init_cfg=dict(
                type='Pretrained', prefix='backbone.',
                checkpoint=files[kind])), **kwargs)


def built(cfg: dict):
    net = STOCK.build(cfg)
    net.init_weights()
    return net


def segmentor(num_classes: int, channels: tuple[int, ...]) -> dict:
    """An mmseg FPN segmentor without backbone."""
    return dict(
        tiny.fcn(num_classes),
        auxiliary_head=None,
        neck=dict(
            type='FPN', in_channels=list(channels), out_channels=8,
            num_outs=4),
        decode_head=dict(
            type='FPNHead',
            in_channels=[8] * 4,
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=8,
            num_classes=num_classes,
            norm_cfg=dict(type='BN')))


def stock_model(name: str, sources: list[dict], body: dict) -> tuple:
    """Return a stock model's config, its scope and its source's name."""
    channels = MODELS.build(body).out_channels
    if name == 'mmpretrain classifier':
        model = deepcopy(sources[0]['model'])
        model['head']['in_channels'] = channels[-1]
        return dict(model, backbone=body), 'mmpretrain', 'animals'
    if name == 'mmseg FPN':
        return dict(segmentor(3, channels), backbone=body), 'mmseg', 'stuff'
    kind = dict(mmdet_retinanet='retinanet', mmdet_faster_rcnn='faster_rcnn')
    model = getattr(tiny, kind[name])(2)
    model['neck']['in_channels'] = list(channels)
    return dict(model, backbone=body), 'mmdet', 'things'


@pytest.mark.parametrize('kind, out_tasks', [
    ('ExpandedResNet', ('det', )),
    ('ExpandedResNet', None),
    ('PrunedExpandedResNet', ('seg', 'cls')),
])
@pytest.mark.parametrize('name', [
    'mmdet_retinanet', 'mmdet_faster_rcnn', 'mmseg FPN',
    'mmpretrain classifier'
])
def test_a_stock_model_trains_and_predicts_with_it(files, sources, batch, name,
                                                   out_tasks, kind):
    body = backbone(files, kind, out_tasks=out_tasks)
    cfg, scope, source = stock_model(name, sources, body)
    with DefaultScope.overwrite_default_scope(scope):  # as its runner does
        model = STOCK.build(ConfigDict(cfg))
    model.init_weights()
    state = torch.load(files[kind], weights_only=True)['state_dict']
    given = {k[9:]: v for k, v in state.items() if k.startswith('backbone.')}
    found = compare(given, model, ['backbone.network'])
    assert not found.lost and not found.random and found.reached > 300
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.01, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        data = model.data_preprocessor(deepcopy(batch[source]), True)
        loss, _ = model.parse_losses(model(**data, mode='loss'))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for key, param in model.named_parameters():
        assert (param.grad is not None) == param.requires_grad, key
    check_learnt(model.backbone, given)
    predicted = model.eval().test_step(deepcopy(batch[source]))
    assert len(predicted) == len(batch[source]['inputs'])


def check_learnt(body, before: dict) -> None:
    """E^t and the gammas into t changed, all else and all zeros did not."""
    owned = [
        part for t in body.out_tasks
        for part in (f'sub_backbones.{t}.', f'_to_{t}_')
    ]
    after = body.network.state_dict()
    changed = {k for k in after if not torch.equal(after[k], before[k])}
    assert all(any(o in k for o in owned) for k in changed)
    for part in owned:
        assert any(part in k and 'running_mean' in k for k in changed)
        assert any(part in k and 'conv' in k for k in changed)
    for key, mask in after.items():
        if key.endswith('weight_mask'):
            assert not after[key[:-4] + 'orig'][mask == 0].any()
            assert key not in changed


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('train', [False, True])
@pytest.mark.parametrize('task', TASKS)
def test_features_of_a_task_are_the_expanded_networks(files, kind, task,
                                                      train):
    body = built(backbone(files, kind, out_tasks=[task]))
    net = MODELS.build(
        network(kind, init_cfg=backbone(files, kind)['init_cfg']))
    net.init_weights()
    ours = body.train(train)(IMAGES)
    theirs = net.train(train)(IMAGES, task)
    assert not list(differences(ours, theirs))
    assert body.out_channels == (8, 16, 32, 64)
    assert [s.stride for s in body.feature_specs] == [4, 8, 16, 32]


@pytest.mark.parametrize('out_tasks', [None, ('seg', 'cls')])
def test_features_of_several_tasks_are_concatenated_in_order(files, out_tasks):
    body = built(backbone(files, out_tasks=out_tasks)).eval()
    each = body.network.forward_all(IMAGES)
    found = body(IMAGES)
    for i, stage in enumerate(found):
        parts = stage.split(8 * 2**i, 1)
        for task, part in zip(out_tasks or TASKS, parts, strict=True):
            assert torch.equal(part, each[task][i])
    assert body.out_channels == tuple(f.shape[1] for f in found)


def test_foreign_batch_norm_stays_in_evaluation_mode(files):
    body = built(backbone(files, out_tasks=['det'])).train()
    for name, module in body.network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            own = 'sub_backbones.det.' in name or '_to_det_' in name
            assert module.training == own
    assert not any(m.training for m in body.eval().network.modules())


def test_frozen_stages_and_norm_eval_are_the_sub_backbones_options(files):
    body = built(
        backbone(
            files,
            network=network(
                'ExpandedResNet',
                sub_backbone=tiny.sub_backbone(
                    frozen_stages=1, norm_eval=True)),
            out_tasks=['det'])).train()
    sum(f.square().mean() for f in body(IMAGES)).backward()
    own = body.network.sub_backbones['det']
    learnt = {k.split('.')[0] for k, p in own.named_parameters()
              if p.grad is not None}  # yapf: disable
    assert learnt == {'layer2', 'layer3', 'layer4'}
    assert not own.layer4[0].bn1.training


@pytest.mark.parametrize('kind', KINDS)
def test_one_task_costs_no_forward_of_foreign_deep_stages(files, kind):
    body = built(backbone(files, kind, out_tasks=['cls']))
    body.network.sub_backbones['det'].layer4.register_forward_hook(
        lambda *_: pytest.fail('layer4 of a foreign task ran'))
    body(IMAGES)


def test_a_fine_tuned_model_loads_into_itself(files, tmp_path):
    body = built(backbone(files, 'PrunedExpandedResNet', out_tasks=['cls']))
    again = MODELS.build(
        dict(backbone(files, 'PrunedExpandedResNet', out_tasks=['cls'])))
    again.load_state_dict(body.state_dict())
    assert not list(differences(again.state_dict(), body.state_dict()))
    assert kept_weights(again) == again.network.budget
    assert len(convolutions(again)) == len(convolutions(body))


def two(**other) -> dict:
    """Config of a network whose second sub-backbone is another."""
    body = dict(a=tiny.sub_backbone(), b=tiny.sub_backbone(**other))
    return tiny.expanded_resnet(tasks=['a', 'b'], sub_backbone=body)


@pytest.mark.parametrize('change, words', [
    (dict(out_tasks=['depth']), r"\['depth'\]: give some of.*'cls', 'det'"),
    (dict(out_tasks=[]), r'out_tasks=\[\]: give some'),
    (dict(network=tiny.expanded_resnet()), r'needs tasks=\[...\]'),
    (dict(network=two(strides=(1, 2, 2, 1))),
     r'strides of their outputs differ: .*\[4, 8, 16, 16\]'),
    (dict(network=two(out_indices=(3, ))), r"'b': \[32\]"),
])
def test_wrong_configs_are_refused(files, change, words):
    with pytest.raises(UserError, match=words):
        MODELS.build(backbone(files, **change))


def test_a_checkpoint_of_a_plain_backbone_is_refused(files, tmp_path):
    plain = MODELS.build(tiny.sub_backbone()).state_dict(prefix='backbone.')
    file = Path(tmp_path, 'plain.pth')
    torch.save(dict(state_dict=plain), file)
    net = MODELS.build(backbone(dict(ExpandedResNet=str(file))))
    with pytest.raises(UserError, match='another expanded backbone'):
        net.init_weights()
