"""Eq. 1, who gets a gradient, and what is logged."""
from copy import deepcopy

import pytest
import torch
from mmengine.config import ConfigDict

from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences, gradients


def build(sources, **kwargs):
    """Build an ExpansionModel of width 8 in training mode."""
    model = MODELS.build(
        dict(
            dict(
                type='ExpansionModel',
                backbone=tiny.expanded_resnet(),
                sources=sources), **kwargs))
    model.init_weights()
    return model.train()


def losses_of(model, batch, phase='joint'):
    """Return the losses of a batch, with equal randomness each time."""
    torch.manual_seed(0)
    return model(
        **model.data_preprocessor(dict(batch, phase=phase), True), mode='loss')


@pytest.mark.parametrize('source, task', [('animals', 'cls'),
                                          ('things', 'det'), ('stuff', 'seg')])
def test_the_loss_of_a_task_reaches_its_own_parts_alone(
        sources, batch, source, task):
    model = build(sources)
    losses_of(model, {source: batch[source]})['loss'].backward()
    own = (f'backbone.sub_backbones.{task}.', f'heads.{source}.')
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters()
        if n.startswith(own) or f'_to_{task}_' in n
    }


def test_in_phase_separate_the_gammas_get_no_gradient(sources, batch):
    model = build(sources)
    losses_of(model, batch, 'separate')['loss'].backward()
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters() if 'reconciliation' not in n
    }


@pytest.mark.parametrize('phase, keep_scale, weights', [
    ('separate', False, dict(animals=1 / 2, plants=1 / 2, things=1)),
    ('joint', False, dict(animals=1 / 3, plants=1 / 3, things=1 / 3)),
    ('joint', True, dict(animals=1 / 2, plants=1 / 2, things=1)),
])
def test_equation_1_weighs_raw_losses(tmp_path, sources, phase, keep_scale,
                                      weights):
    from xlearner_mm.datasets import build_train_loader
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    sources = [sources[0], plants, sources[1]]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    losses = losses_of(build(sources, keep_scale=keep_scale), batch, phase)
    expected = 0.0
    for name, weight in weights.items():
        parts = [
            v.item()
            for k, v in losses.items() if k.startswith(f'{name}.loss_')
        ] or [losses[f'{name}.loss'].item()]
        assert losses[f'{name}.loss'].item() == pytest.approx(sum(parts))
        expected += weight * sum(parts)
    assert losses['loss'].item() == pytest.approx(expected, rel=1e-6)


def test_every_logged_key_is_the_source_and_the_upstream_key(sources, batch):
    model = build(sources)
    losses = losses_of(model, batch)
    data = model.data_preprocessor(batch, True)
    expected = {'loss'}
    for name, head in model.heads.items():
        feats = model.extract(data['inputs'][name], model.task_of[name])
        raw = head.loss(feats, data['data_samples'][name])
        expected |= {f'{name}.{key}' for key in [*raw, 'loss']}
    assert set(losses) == expected


@pytest.mark.parametrize('merge', [(), ('cls', )])
def test_merged_sources_see_one_batch_norm(tmp_path, sources, merge):
    from xlearner_mm.datasets import build_train_loader
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    sources = [sources[0], plants]
    batch = next(iter(build_train_loader(sources, max_iters=1)))
    model = build(sources, merge=merge)
    net = deepcopy(model.backbone.sub_backbones['cls'])
    inputs = model.data_preprocessor(batch, True)['inputs']
    features = model.features(inputs, 'separate')
    if merge:
        whole = net(torch.cat([inputs['animals'], inputs['plants']]))
        expected = dict(
            animals=tuple(f[:3] for f in whole),
            plants=tuple(f[3:] for f in whole))
    else:
        expected = {name: net(x) for name, x in inputs.items()}
    assert not list(differences(features, expected))


def test_merging_unequal_sizes_is_refused(tmp_path, sources):
    plants = tiny.cls_source(tmp_path, 'plants', num_classes=4)
    model = build([sources[0], plants], merge=['cls'])
    images = dict(
        animals=torch.rand(1, 3, 32, 32), plants=torch.rand(1, 3, 32, 40))
    with pytest.raises(UserError, match=r"plants': \(32, 40\)"):
        model(images, mode='tensor')


@pytest.mark.parametrize('kwargs, words', [
    (dict(tasks=['cls', 'det']), "source 'stuff' belongs to task 'seg'"),
    (dict(tasks=['cls', 'det', 'seg', 'depth']), "task 'depth' has no source"),
    (dict(merge=['depth']), "merge names \\['depth'\\]"),
    (dict(task_checkpoints=dict(depth='a.pth')), "names \\['depth'\\]"),
])
def test_wrong_configs_are_refused(sources, kwargs, words):
    with pytest.raises(UserError, match=words):
        build(sources, **kwargs)


@pytest.mark.parametrize('model, words', [
    (dict(backbone=dict(type='ResNet', depth=18)), 'names a backbone'),
    (dict(roi_head=dict(shared_head=dict(type='ResLayer'))), 'C4 detector'),
    (dict(type='NoSuchNet'), "'things': its head model .*NoSuchNet"),
])
def test_head_models_that_cannot_be_fed_are_refused(sources, model, words):
    sources[1]['model'].update(model)
    with pytest.raises(UserError, match=words):
        build(sources)


def test_images_without_boxes_and_masks_of_ignore_give_finite_losses(
        sources, batch):
    for sample in batch['things']['data_samples']:
        sample.gt_instances = sample.gt_instances[:0]
    for sample in batch['stuff']['data_samples']:
        sample.gt_sem_seg.data.fill_(255)
    model = build(sources)
    losses = losses_of(model, batch)
    losses['loss'].backward()
    assert all(torch.isfinite(v).all() for v in losses.values())
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize('kind', ['faster_rcnn', 'retinanet'])
def test_prediction_equals_the_upstream_model(sources, batch, kind):
    sources[1]['model'] = getattr(tiny, kind)(2)
    model = build(sources[1:2], backbone=tiny.expanded_resnet()).eval()
    upstream = MODELS.build(
        ConfigDict(
            sources[1]['model'], backbone=tiny.sub_backbone(),
            _scope_='mmdet')).eval()
    upstream.load_state_dict({
        **model.heads['things'].state_dict(),
        **{
            f'backbone.{k}': v
            for k, v in model.backbone.sub_backbones['det'].state_dict().items(
            )
        }
    })
    ours = model.val_step(dict(things=deepcopy(batch['things'])))['things']
    theirs = upstream.val_step(deepcopy(batch['things']))
    for one, two in zip(ours, theirs, strict=True):
        assert len(one.pred_instances) > 0
        assert not list(
            differences(
                dict(one.pred_instances.items()),
                dict(two.pred_instances.items())))


def test_gammas_that_a_classifier_would_not_see_are_refused(tmp_path):
    sources = [tiny.cls_source(tmp_path), tiny.seg_source(tmp_path)]
    backbone = tiny.expanded_resnet(
        reconciliation=dict(type='BottomUpReconciliation', feed_forward=False))
    with pytest.raises(UserError, match="'animals' reads stage 3 alone"):
        MODELS.build(
            dict(type='ExpansionModel', backbone=backbone, sources=sources))
