"""Whether the sources pull the backbone in opposite directions.

Two sources conflict where the cosine of their gradients is negative (Yu et
al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020, Definition 1).
"""
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

from .training_batch import own_randomness, prepared


class Conflict(NamedTuple):
    """Cosines between the gradients of sources, for each batch.

    Args:
        sources: Their names, in order.
        cosines: Between sources on the same batch, (B, N, N); nan where a
            source has no gradient.
        repeats: Of each source with itself on the batch before, (B - 1, N):
            how far noise alone turns a gradient.
    """

    sources: list[str]
    cosines: Tensor
    repeats: Tensor


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Compute the cosine between two vectors (P,); nan if one is zero."""
    a, b = a.double(), b.double()  # millions of terms
    return (a @ b / (a.norm() * b.norm())).float()


def cosine_matrix(vectors: Sequence[Tensor]) -> Tensor:
    """Compute the cosines between all pairs of vectors.

    Args:
        vectors: N of them, (P,).

    Returns:
        (N, N), in [-1, 1], on the CPU; nan for a vector of zeros.

    Example:
        >>> cosine_matrix(torch.tensor([[2., 0.], [0., 1.], [0., 0.]]))
        tensor([[1., 0., nan],
                [0., 1., nan],
                [nan, nan, nan]])
    """
    return torch.tensor([[cosine(a, b) for b in vectors] for a in vectors])


def source_gradients(model: nn.Module, data: Mapping) -> dict[str, Tensor]:
    """Compute the gradient of each source's own loss on the whole backbone.

    In a copy of the model, in training mode and float32; nothing of the model
    changes, nor do random numbers. A parameter that a loss does not reach
    counts as zero. In a distributed run it is the mean over the processes, so
    all of them have to call this.

    Args:
        model: A HardSharingModel or an ExpansionModel, without wrapper.
        data: A batch of the training loader, and 'phase' for an expansion; it
            stays as it is.

    Returns:
        `{source: (P,)}`, P the parameters of `model.backbone`.
    """
    batch = prepared(model, data)
    with own_randomness():
        model = deepcopy(model).train()
        if hasattr(model, 'freeze_idle'):
            model.freeze_idle(data.get('phase', 'joint'))
        losses = model(**batch, mode='loss')
        gradients = {}
        for source in model.heads:
            model.zero_grad()
            losses[f'{source}.loss'].backward(retain_graph=True)
            gradients[source] = torch.cat([
                (torch.zeros_like(p) if p.grad is None else p.grad).flatten()
                for p in model.backbone.parameters()
            ])
    for gradient in gradients.values():
        all_reduce(gradient, 'mean')
    return gradients


def gradient_conflict(model: nn.Module,
                      batches: Iterable[Mapping]) -> Conflict:
    """Compare the sources' gradients on several batches.

    Args:
        model: See :func:`source_gradients`.
        batches: Of the training loader, at least one.

    Returns:
        See :class:`Conflict`.
    """
    cosines, repeats, before = [], [], None
    for data in batches:
        found = source_gradients(model, data)
        now = list(found.values())
        cosines.append(cosine_matrix(now))
        if before is not None:
            repeats.append(
                torch.tensor([cosine(a, b) for a, b in zip(now, before)]))
        before = now
    none = torch.empty(0, len(found))
    return Conflict(
        list(found), torch.stack(cosines),
        torch.stack(repeats) if repeats else none)
