"""Registries of xlearner_mm, children of MMEngine's (scope `xlearner_mm`)."""
from mmengine import registry as mmengine_registry
from mmengine.registry import Registry


def _child(parent: Registry, *locations: str) -> Registry:
    return Registry(
        parent.name,
        parent=parent,
        scope='xlearner_mm',
        locations=[f'xlearner_mm.{location}' for location in locations])


MODELS = _child(mmengine_registry.MODELS, 'models')
# Looked into by name: the sources' classes import mmpretrain.
DATASETS = _child(mmengine_registry.DATASETS, 'datasets', 'datasets.sources')
DATA_SAMPLERS = _child(mmengine_registry.DATA_SAMPLERS, 'datasets')
FUNCTIONS = _child(mmengine_registry.FUNCTIONS, 'datasets')
HOOKS = _child(mmengine_registry.HOOKS, 'engine')
LOOPS = _child(mmengine_registry.LOOPS, 'engine')
METRICS = _child(mmengine_registry.METRICS, 'evaluation')
OPTIM_WRAPPERS = _child(mmengine_registry.OPTIM_WRAPPERS, 'engine')
PARAM_SCHEDULERS = _child(mmengine_registry.PARAM_SCHEDULERS, 'engine')

# Nothing of ours is in these; they let configs with
# `default_scope = 'xlearner_mm'` find what MMEngine has.
OTHERS = tuple(
    _child(getattr(mmengine_registry, name))
    for name in ('EVALUATOR', 'INFERENCERS', 'LOG_PROCESSORS',
                 'MODEL_WRAPPERS', 'OPTIMIZERS', 'OPTIM_WRAPPER_CONSTRUCTORS',
                 'RUNNERS', 'RUNNER_CONSTRUCTORS', 'STRATEGIES', 'TASK_UTILS',
                 'TRANSFORMS', 'VISBACKENDS', 'VISUALIZERS',
                 'WEIGHT_INITIALIZERS'))
