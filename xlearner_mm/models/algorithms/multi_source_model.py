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
        return {
            name: feats
            for task in self.tasks
            for name, feats in self.task_features(task, inputs, phase).items()
        }

    def task_features(self, task: str, inputs: Mapping[str, Tensor],
                      phase: str) -> dict[str, Features]:
        """Compute the features of one task's sources."""
        names = [n for n in inputs if self.task_of[n] == task]
        if task in self.merge and names:
            return self._merged(inputs, names, task, phase)
        return {n: self.extract(inputs[n], task, phase) for n in names}

    def loss(self, inputs: Mapping[str, Tensor], data_samples: Mapping[str,
                                                                       list],
             phase: str) -> dict[str, Tensor]:
        """Compute all losses and their weighted sum (Eq. 1)."""
        draw = new_draw()
        return merge_losses([
            self.task_loss(task, inputs, data_samples, phase, draw)
            for task in self.tasks
        ])

    def task_loss(self, task: str, inputs: Mapping[str, Tensor],
                  data_samples: Mapping[str, list], phase: str,
                  draw: int) -> dict[str, Tensor]:
        """Compute the losses of one task's sources.

        What a network draws (proposals, dropout) does not depend on the other
        tasks and sources: it is a function of one draw and of names.

        Args:
            task: The task.
            inputs, data_samples, phase: See :meth:`forward`; of all sources.
            draw: See :func:`new_draw`; one for all tasks of an iteration.

        Returns:
            As :meth:`forward` in mode 'loss'; 'loss' is the task's part of
            the weighted sum.
        """
        losses, total = {}, 0
        weights = self.loss_weights(phase)
        seed_model(draw, task)
        for name, feats in self.task_features(task, inputs, phase).items():
            seed_model(draw, name)
            raw = self.heads[name].loss(feats, data_samples[name])
            own, logs = super().parse_losses(raw)
            extra = self.extra_losses(name, inputs[name], feats, phase)
            logs.update(extra)
            losses.update({f'{name}.{key}': v for key, v in logs.items()})
            total = total + weights[name] * sum(extra.values(), own)
        return dict(losses, loss=total)

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


def new_draw() -> int:
    """Draw the number that an iteration's randomness comes from."""
    return int(torch.randint(1 << 62, ()))


def merge_losses(parts: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Put the losses of all tasks in one dictionary; add up 'loss'."""
    losses = {key: value for part in parts for key, value in part.items()}
    return dict(losses, loss=sum(part['loss'] for part in parts))
