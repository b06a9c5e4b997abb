"""How much each reconciliation layer adds to what it is added to (Eq. 2)."""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..models.backbones.expanded_resnet import ExpandedResNet
from ..models.backbones.trial import frozen_pass
from ..models.necks import Edge, Reconciliation
from .training_batch import prepared


def relative_norm(added: Tensor, own: Tensor) -> Tensor:
    """Compare what is added to a feature with the feature, image by image.

    Args:
        added: gamma(E_j^k), (N, C, H, W).
        own: E_i^t, before anything was added to it, of the same shape.

    Returns:
        ||gamma(E_j^k)|| / ||E_i^t|| of each image, (N,), Euclidean norms.

    Example:
        >>> relative_norm(torch.full((1, 2, 3, 3), 2.), torch.ones(1, 2, 3, 3))
        tensor([2.])
    """
    above, below = (x.float().flatten(1).norm(dim=1) for x in (added, own))
    return above / below.clamp_min(torch.finfo(below.dtype).tiny)


def gamma_norms(backbone: ExpandedResNet, task: str,
                x: Tensor) -> dict[Edge, Tensor]:
    """Measure all gammas that lead to a task, on images of that task.

    In evaluation mode and without gradient; modes, buffers and random numbers
    stay as they are.

    Args:
        backbone: With gammas.
        task: t.
        x: Images, (N, 3, H, W), normalised.

    Returns:
        :func:`relative_norm` for each gamma, (N,).
    """
    with frozen_pass(backbone), _record(backbone.reconciliation) as norms:
        backbone(x, task)
    return norms


def mean_gamma_norms(model: nn.Module, data: Mapping) -> dict[Edge, Tensor]:
    """Measure all gammas of an ExpansionModel.

    Args:
        model: The model.
        data: A batch of the training loader; each source's images go through
            the network of its own task.

    Returns:
        The mean of :func:`relative_norm` over the images of all sources of
        the gamma's target task, scalars, in the order of the model's edges.
    """
    found: dict[Edge, list[Tensor]] = {}
    for source, x in prepared(model, data)['inputs'].items():
        norms = gamma_norms(model.backbone, model.task_of[source], x)
        for edge, values in norms.items():
            found.setdefault(edge, []).append(values)
    return {
        edge: torch.cat(found[edge]).mean()
        for edge in model.backbone.reconciliation.edges if edge in found
    }


@contextmanager
def _record(join: Reconciliation) -> Iterator[dict[Edge, Tensor]]:
    """Note each gamma's output beside the feature that it is added to."""
    norms: dict[Edge, Tensor] = {}
    own: list[Tensor] = []

    def begin(_: nn.Module, args: Sequence) -> None:
        own[:] = args[:1]

    def note(edge: Edge, added: Tensor) -> None:
        norms[edge] = relative_norm(added, own[0])

    handles = [join.register_forward_pre_hook(begin)]
    for edge in join.edges:
        handles.append(join.layers[edge.key].register_forward_hook(
            lambda _, args, out, edge=edge: note(edge, out)))
    try:
        yield norms
    finally:
        for handle in handles:
            handle.remove()
