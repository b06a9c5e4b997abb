"""Preparing a batch leaves the caller's batch as it was."""
from copy import deepcopy

import pytest
import torch
from mmengine.logging import MessageHub

from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.sources import parse_sources
from xlearner_mm.testing.runs import differences

AUGMENTS = dict(
    animals=dict(augments=dict(type='Mixup', alpha=0.8)),
    things=[dict(type='BatchSyncRandomResize', random_size_range=(64, 64),
                 interval=1)])  # yapf: disable


def build(sources, change=None):
    """Build the preprocessor of sources as the models do."""
    parts = {}
    for source in parse_sources(sources):
        cfg = dict(source.model['data_preprocessor'],
                   **(change or {}).get(source.name, {}))
        parts[source.name] = source.build(MODELS, cfg, 'data_preprocessor')
    return MODELS.build(
        dict(type='MultiTaskDataPreprocessor', preprocessors=parts))


def content(batch: dict) -> dict:
    """Spell a batch out as dictionaries and tensors."""
    return {
        name: [part['inputs'], [s.to_dict() for s in part['data_samples']]]
        for name, part in batch.items()
    }


@pytest.mark.parametrize('training', [False, True])
@pytest.mark.parametrize('augment', [False, True])
def test_the_callers_batch_stays_as_it_was(sources, batch, training, augment):
    change = dict(
        animals=dict(batch_augments=AUGMENTS['animals'], num_classes=3),
        things=dict(batch_augments=AUGMENTS['things']))
    before = deepcopy(content(batch))
    MessageHub.get_current_instance().update_info('iter', 0)
    preprocessor = build(sources, change if augment else None)
    for _ in range(2):
        preprocessor(batch, training)
    assert not list(differences(content(batch), before))


def test_each_source_is_prepared_by_its_own_upstream_preprocessor(
        sources, batch):
    ours = build(sources)(dict(batch, phase='joint'), True)
    assert ours['phase'] == 'joint'
    for source in parse_sources(sources):
        upstream = source.build(MODELS, source.model['data_preprocessor'], '')
        theirs = upstream(deepcopy(batch[source.name]), True)
        assert torch.equal(ours['inputs'][source.name], theirs['inputs'])
        assert not list(
            differences(
                [s.to_dict() for s in theirs['data_samples']],
                [s.to_dict() for s in ours['data_samples'][source.name]]))


@pytest.mark.parametrize('name, change', [
    ('things', dict(mean=[0.0, 118.0, 115.0])),
    ('stuff', dict(std=[1.0, 1.0, 1.0])),
    ('stuff', dict(bgr_to_rgb=False)),
    ('animals', dict(to_rgb=False)),
    ('things', dict(mean=None, std=None)),
])
def test_unequal_normalisation_is_refused(sources, name, change):
    with pytest.raises(UserError, match=name):
        build(sources, {name: change})


def test_equal_normalisation_is_recognised_across_packages(sources):
    preprocessor = build(sources)
    images = torch.arange(3 * 32 * 32).reshape(3, 32, 32).to(torch.uint8)
    outs = [
        preprocessor.preprocessors[n](dict(inputs=[images]))['inputs']
        for n in ('animals', 'things', 'stuff')
    ]
    for out in outs[1:]:
        torch.testing.assert_close(out, outs[0])
