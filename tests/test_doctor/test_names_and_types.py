"""Names of sources, and types under their scopes."""
import pytest
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.registry import MODELS, Registry

from xlearner_mm.doctor.type_names import owners

#: A project that has one registry, its models'.
OWN_MODELS = Registry('own model', parent=MODELS, scope='own_project')


@OWN_MODELS.register_module()
class OwnModel(BaseModel):
    """A model of that project."""

    def forward(self, inputs: object) -> object:
        return inputs


def own_project(**parts: dict) -> Config:
    """Return a config of that project."""
    return Config(
        dict(
            default_scope='own_project',
            model=dict(type='OwnModel'),
            train_cfg=dict(type='IterBasedTrainLoop', max_iters=1),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
            default_hooks=dict(logger=dict(type='LoggerHook')),
            **parts))


def test_each_badly_described_source_is_named(config, find):
    config.sources[0].batch_size = 0
    config.sources[2].name = 'my.loss'
    first, second = find(config)
    assert str(first).startswith("source 'animals': batch_size=0")
    assert "illegal source name 'my.loss'" in second.what


def test_a_name_that_appears_twice_is_refused(config, find):
    config.sources[0].name = config.sources[1].name
    assert any('appear twice' in f.what for f in find(config))


def test_copies_that_came_apart_are_refused(config):
    from copy import deepcopy

    from xlearner_mm.doctor import examine
    config.model.sources = deepcopy(config.sources)
    config.model.sources[0].batch_size = 5
    finding, = [f for f in examine(config) if f.level != 'ok']
    assert 'sources` of model differs' in finding.what


def test_transforms_with_memory_are_refused(config, only):
    config.sources[1].train.pipeline.append(
        dict(type='CachedMosaic', img_scale=(8, 8)))
    assert "'things': CachedMosaic remembers" in only(config)


def test_a_type_of_another_package_is_told_by_its_owners(config, only):
    config.sources[0].train.pipeline[-1].type = 'PackDetInputs'
    text = only(config)
    assert text.startswith("source 'animals', train, pipeline.3.type: ")
    assert "not known in scope 'mmpretrain', but in mmdet" in text
    assert "write 'mmdet.PackDetInputs', or give the source scope=" in text


def test_a_network_without_scope_is_told_who_owns_its_type(config, find):
    config.model.backbone.sub_backbone.type = 'ResNet'
    finding, = find(config)
    assert 'model, backbone.sub_backbone.type' in finding.where
    assert 'but in mmdet, mmseg, mmpretrain' in finding.what
    assert "or 'mmpretrain.ResNet'" in finding.remedy


def test_a_network_without_scope_is_told_beside_a_broken_source(config, find):
    config.model.backbone.sub_backbone.type = 'ResNet'
    config.sources[0].batch_size = 0
    assert ['sub_backbone' in f.where for f in find(config)] == [False, True]


def test_a_type_that_nobody_knows_is_told_too(config, only):
    config.sources[2].model.decode_head.type = 'NoSuchHead'
    assert "source 'stuff', model: cannot be built: " in only(config)


def test_a_wrong_option_of_a_head_is_told(config, only):
    config.sources[0].model.head.no_such_option = 1
    assert 'no_such_option' in only(config)


def test_a_backbone_in_a_head_model_is_refused(config, only):
    config.sources[1].model.backbone = dict(type='ResNet', depth=18)
    assert "source 'things': its model names a backbone" in only(config)


@pytest.mark.parametrize(
    'where, change',
    [('train_cfg', lambda cfg: cfg.train_cfg),
     ('param_scheduler', lambda cfg: cfg.param_scheduler[0]),
     ('custom_hooks', lambda cfg: cfg.custom_hooks[0]),
     ('default_hooks', lambda cfg: cfg.default_hooks.logger),
     ('optim_wrapper.optimizer', lambda cfg: cfg.optim_wrapper.optimizer),
     ("source 'animals', evaluator", lambda cfg: cfg.sources[0].evaluator)])
def test_types_of_the_runners_parts_are_looked_up(config, only, where, change):
    change(config).type = 'NoSuchPart'
    assert only(config).startswith(f"{where}: type 'NoSuchPart' is not known")


def test_owners_do_not_count_what_they_inherit():
    assert owners('ResNet') == ['mmdet', 'mmseg', 'mmpretrain']
    assert owners('Conv2d') == []


def test_a_scope_with_few_registries_has_mmengines_for_the_rest(find):
    assert find(own_project()) == []


def test_a_scope_with_few_registries_does_not_know_everything(only):
    cfg = own_project(custom_hooks=[dict(type='NoSuchHook')])
    assert "'NoSuchHook' is not known in scope 'own_project'" in only(cfg)


@pytest.mark.parametrize('evaluator', [
    dict(type='Evaluator', metrics=[dict(type='Accuracy')]),
    dict(metrics=dict(type='Accuracy')),
    dict(
        type='mmdet.MultiDatasetsEvaluator',
        metrics=[dict(type='CocoMetric', _scope_='mmdet')],
        dataset_prefixes=['a'])
])
def test_an_evaluator_around_metrics_is_known(find, evaluator):
    assert find(
        Config(dict(default_scope='mmpretrain',
                    val_evaluator=evaluator))) == []


@pytest.mark.parametrize('evaluator', [
    dict(type='NoSuchPart', metrics=[]),
    dict(metrics=[dict(
        type='Accuracy'), dict(type='NoSuchPart')])
])
def test_evaluators_and_metrics_in_them_are_looked_up(only, evaluator):
    text = only(
        Config(dict(default_scope='mmpretrain', val_evaluator=evaluator)))
    assert text.startswith("val_evaluator: type 'NoSuchPart' is not known")
