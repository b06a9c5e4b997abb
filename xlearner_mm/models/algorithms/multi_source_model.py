"""What the multi-source models share: head models and Eq. 1 of the paper.

Shapes: images of one source are (N, 3, H, W); features are tuples of
(N, C_i, H_i, W_i), one per output stage of the backbone.
"""
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from mmengine.model import BaseModel, ModuleDict
from torch import Tensor

from ...errors import UserError
from ...randomness import seed_model
from ...registry import MODELS
from ...sources import check_tasks, parse_sources, tasks_of
from .head_model import build_head_model

Features = tuple[Tensor, ...]


class MultiSourceModel(BaseModel):
    """Many sources, each with its own unmodified upstream head model.

    A subclass says how images become features (:meth:`extract`).

    Args:
        sources: Configs of the sources, see :class:`Source`.
        tasks: Names of the tasks, in order; by default those of the sources.
        merge: Tasks whose sources go through the backbone as one batch
            (Algorithm 1: "a batch B^t from S^t with N_t sources"); their
            images must have one size. The other tasks go source by source.
            BatchNorm sees the difference.
        init_cfg: Initialisation of the whole model.

    Raises:
        UserError: The sources' configs are wrong, or `merge` names a task
            that is not there.
    """

    def __init__(self,
                 sources: Sequence[dict],
                 tasks: Sequence[str] | None = None,
                 merge: Sequence[str] = (),
                 data_preprocessor: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        parsed = parse_sources(sources)
        self_tasks = tuple(tasks or tasks_of(parsed))
        check_tasks(self_tasks, parsed)
        unknown = sorted(set(merge) - set(self_tasks))
        if unknown:
            raise UserError(f'merge names {unknown}, which are not among the '
                            f'tasks {list(self_tasks)}')
        heads = {source.name: build_head_model(source) for source in parsed}
        super().__init__(
            MODELS.build(
                dict(
                    data_preprocessor
                    or dict(type='MultiTaskDataPreprocessor'),
                    preprocessors={
                        name: head.data_preprocessor
                        for name, head in heads.items()
                    })), init_cfg)
        self.tasks = self_tasks
        self.merge = tuple(merge)
        self.task_of = {source.name: source.task for source in parsed}
        self.heads = ModuleDict(heads)
        for name, head in self.heads.items():
            head.backbone.connect(
                partial(self.extract, task=self.task_of[name]))

    def extract(self, x: Tensor, task: str, phase: str = 'joint') -> Features:
        """Compute the features of one task's images (N, 3, H, W)."""
        raise NotImplementedError

    def loss_weights(self, phase: str) -> dict[str, float]:
        """Return the weight of each source's loss in the sum.

        Eq. 1: 1/N for each of the N sources.
        """
        return {name: 1 / len(self.heads) for name in self.heads}

    def extra_losses(self, source: str, x: Tensor, feats: Features,
                     phase: str) -> dict[str, Tensor]:
        """Return further losses of a source, beside those of its head.

        They have the weight of their source, and stay out of the logged
        '<source>.loss', which is the head's. None here; a subclass may have
        some.

        Args:
            source: Its name.
            x: Its images, (N, 3, H, W), normalised.
            feats: Their features, each (N, C_i, H_i, W_i).
            phase: 'separate' or 'joint'.
        """
        return {}

    def forward(self,
                inputs: Mapping[str, Tensor],
                data_samples: Mapping[str, list] | None = None,
                phase: str = 'joint',
                mode: str = 'tensor') -> dict:
        """Run the batch of one iteration, or of one validation step.

        Args:
            inputs: Images per source, each (N, 3, H, W), normalised.
            data_samples: Upstream data samples per source.
            phase: 'separate' or 'joint', the phases of Algorithm 1.
            mode: 'loss', 'predict' or 'tensor'.

        Returns:
            mode 'loss': raw losses '<source>.<key>' of upstream and of
            :meth:`extra_losses`, and 'loss', their weighted sum; 'predict':
            upstream predictions per source; 'tensor': features per source.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples, phase)
        if mode == 'predict':
            return {
                name: self.heads[name].predict(x, data_samples[name])
                for name, x in inputs.items()
            }
        return self.features(inputs, phase)

    def features(self, inputs: Mapping[str, Tensor],
                 phase: str) -> dict[str, Features]:
        """Compute every source's features, merged tasks in one batch."""
        features: dict[str, Features] = {}
        for task in self.tasks:
            names = [n for n in inputs if self.task_of[n] == task]
            if task in self.merge and names:
                features.update(self._merged(inputs, names, task, phase))
            else:
                for name in names:
                    features[name] = self.extract(inputs[name], task, phase)
        return features

    def loss(self, inputs: Mapping[str, Tensor], data_samples: Mapping[str,
                                                                       list],
             phase: str) -> dict[str, Tensor]:
        """Compute all losses and their weighted sum (Eq. 1).

        What a head draws (proposals, dropout) does not depend on the other
        sources: it is a function of one draw and the source's name.
        """
        losses, totals = {}, {}
        draw = int(torch.randint(1 << 62, ()))
        for name, feats in self.features(inputs, phase).items():
            seed_model(draw, name)
            raw = self.heads[name].loss(feats, data_samples[name])
            total, logs = super().parse_losses(raw)
            extra = self.extra_losses(name, inputs[name], feats, phase)
            totals[name] = sum(extra.values(), total)
            logs.update(extra)
            losses.update({f'{name}.{key}': v for key, v in logs.items()})
        weights = self.loss_weights(phase)
        losses['loss'] = sum(weights[n] * total for n, total in totals.items())
        return losses

    def parse_losses(
            self, losses: dict[str,
                               Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the weighted sum, and the raw losses for the log."""
        return losses['loss'], losses

    def _merged(self, inputs: Mapping[str, Tensor], names: Sequence[str],
                task: str, phase: str) -> dict[str, Features]:
        sizes = {name: tuple(inputs[name].shape[-2:]) for name in names}
        if len(set(sizes.values())) > 1:
            raise UserError(
                f"task '{task}' is merged, but its sources' images differ in "
                f'size: {sizes}; make the pipelines end in one size, or take '
                'the task off `merge`')
        feats = self.extract(
            torch.cat([inputs[name] for name in names]), task, phase)
        split = [f.split([len(inputs[n]) for n in names]) for f in feats]
        return {n: tuple(parts) for n, parts in zip(names, zip(*split))}
