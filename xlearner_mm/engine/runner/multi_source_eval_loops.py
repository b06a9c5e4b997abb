"""Validation and test over many sources."""
from collections import UserDict
from collections.abc import Mapping

import torch
from mmengine.evaluator import Evaluator
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.runner import BaseLoop, autocast
from torch.utils.data import DataLoader

from ...datasets import build_eval_loaders, dead_workers_explained
from ...errors import UserError
from ...registry import LOOPS
from ...sources import Source, check_copies, parse_sources


class SourceLoaders(UserDict):
    """One loader per source; counts batches as one loader would.

    MMEngine's hooks ask the loop's loader for its length and its dataset.
    """

    def __len__(self) -> int:
        return sum(len(loader) for loader in self.values())

    @property
    def dataset(self) -> 'SourceLoaders':
        """Itself: it has the `metainfo` that hooks look for."""
        return self

    @property
    def metainfo(self) -> dict[str, dict]:
        """Every source's meta information."""
        return {n: dict(v.dataset.metainfo) for n, v in self.items()}


class MultiSourceEvalLoop(BaseLoop):
    """Evaluate source by source; metrics are '<source>/<metric>'.

    'average/score' is the mean over the sources of their key metrics, in
    percent; `save_best` can use it.

    Args:
        runner: The runner.
        dataloader: `dict(sources=..., num_workers=...)`, see
            :func:`build_eval_loaders`.
        evaluator: `dict(sources=...)`: each source brings its metrics.
        fp16: Whether to run under autocast.

    Raises:
        UserError: A source's dataset or metric cannot be built, or the
            config's copies of `sources` differ.
    """

    split = 'val'

    def __init__(self,
                 runner,
                 dataloader: dict,
                 evaluator: dict,
                 fp16: bool = False) -> None:
        check_copies(runner.cfg)
        loaders = SourceLoaders(
            build_eval_loaders(**dataloader, split=self.split))
        super().__init__(runner, loaders)
        self.fp16 = fp16
        self.sources = {
            s.name: s
            for s in parse_sources(evaluator['sources']) if s.name in loaders
        }
        self.evaluators = {
            name: build_evaluator(source, loaders[name])
            for name, source in self.sources.items()
        }

    @dead_workers_explained()
    def run(self) -> dict[str, float]:
        """Evaluate every source; return all metrics.

        Raises:
            UserError: A worker of a loader was killed.
        """
        self.call('before_{}')
        self.call('before_{}_epoch')
        self.runner.model.eval()
        metrics: dict[str, float] = {}
        step = 0
        for name, loader in self.dataloader.items():
            for data_batch in loader:
                self.run_iter(step, name, data_batch)
                step += 1
            found = self.evaluators[name].evaluate(len(loader.dataset))
            metrics.update(
                complete(self.sources[name], found, self.runner.logger))
        scores = [
            metrics[f'{s.name}/{s.key_metric}'] * s.key_metric_scale
            for s in self.sources.values() if s.key_metric
        ]
        if scores:
            metrics['average/score'] = sum(scores) / len(scores)
        self.call('after_{}_epoch', metrics=metrics)
        self.call('after_{}')
        return metrics

    @torch.no_grad()
    def run_iter(self, step: int, name: str, data_batch: dict) -> None:
        """Predict one batch of one source.

        Args:
            step: Batches done before, of all sources.
            name: The source.
            data_batch: `{'inputs': [...], 'data_samples': [...]}`.
        """
        self.call('before_{}_iter', batch_idx=step, data_batch=data_batch)
        with autocast(enabled=self.fp16):
            outputs = self.predict({name: data_batch})[name]
        self.evaluators[name].process(
            data_samples=outputs, data_batch=data_batch)
        self.call(
            'after_{}_iter',
            batch_idx=step,
            data_batch=data_batch,
            outputs=outputs)

    def predict(self, data: dict[str, dict]) -> dict[str, list]:
        """Return the model's predictions per source."""
        return getattr(self.runner.model, f'{self.split}_step')(data)

    def call(self, hook: str, **kwargs) -> None:
        """Call the hooks of this split."""
        self.runner.call_hook(hook.format(self.split), **kwargs)


@LOOPS.register_module()
class MultiSourceValLoop(MultiSourceEvalLoop):
    """Validation; see :class:`MultiSourceEvalLoop`."""


@LOOPS.register_module()
class MultiSourceTestLoop(MultiSourceEvalLoop):
    """Test, on the sources' `test` or else `val` datasets."""

    split = 'test'


def build_evaluator(source: Source, loader: DataLoader) -> Evaluator:
    """Build a source's metrics under its scope, prefixed with its name."""
    cfgs = source.evaluator
    if not cfgs:
        raise UserError(f"source '{source.name}' has a dataset to evaluate "
                        'but no evaluator; add the config of a metric')
    metrics = [
        source.build(MMENGINE_METRICS, dict(cfg, prefix=source.name),
                     'evaluator')
        for cfg in (cfgs if isinstance(cfgs, (list, tuple)) else [cfgs])
    ]
    evaluator = Evaluator(metrics)
    evaluator.dataset_meta = loader.dataset.metainfo
    return evaluator


def complete(source: Source, metrics: Mapping[str, float],
             logger) -> dict[str, float]:
    """Fill in a zero where a metric stays silent.

    CocoMetric gives no key at all where nothing was detected.

    Args:
        source: The source.
        metrics: What its evaluator found.
        logger: Told when the key metric is missing.
    """
    metrics = dict(metrics)
    key = f'{source.name}/{source.key_metric}'
    if source.key_metric and key not in metrics:
        logger.warning(f'{key} was not computed (found: {sorted(metrics)}); '
                       'counted as 0')
        metrics[key] = 0.0
    return metrics
