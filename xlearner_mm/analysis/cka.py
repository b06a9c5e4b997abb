"""Linear centred kernel alignment of features (Kornblith et al., ICML 2019).

With the unbiased estimator of HSIC (Song et al., JMLR 2012, Eq. 5), as Nguyen
et al. (ICLR 2021, Eq. 3) take it: the plain one grows with the channels, and
is near one for unrelated features that have more channels than there are
images. Ours: on features averaged over positions, which have few enough
numbers to compare all images at once, without their mini-batches.
"""
import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..errors import UserError


def unbiased_hsic(k: Tensor, l: Tensor) -> Tensor:  # noqa: E741
    """Estimate the Hilbert-Schmidt independence criterion.

    Args:
        k: Kernel matrix of one set of features, (n, n), n >= 4.
        l: That of another, of the same images.
    """
    n = len(k)
    k, l = (m - torch.diag(m.diagonal()) for m in (k, l))  # noqa: E741
    trace = (k * l.T).sum()
    sums = k.sum() * l.sum() / ((n - 1) * (n - 2))
    cross = k.sum(0) @ l.sum(1) * 2 / (n - 2)
    return (trace + sums - cross) / (n * (n - 3))


def linear_cka(x: Tensor, y: Tensor) -> float:
    """Compare two sets of features of the same images.

    Does not change when either is rotated, mirrored, scaled or shifted.

    Args:
        x: Features, (n, C), n >= 4.
        y: Others, (n, D).

    Returns:
        1 where they agree; about 0, of either sign, where they have nothing
        in common; nan where all images are equally far from each other in
        one of them, e.g. the same.

    Raises:
        ValueError: There are fewer than four images.

    Example:
        >>> x = torch.tensor([[0., 1.], [1., 0.], [2., 5.], [3., 3.]])
        >>> round(linear_cka(x, 3 * x.flip(1) + 1), 6)
        1.0
    """
    if len(x) != len(y) or len(x) < 4:
        raise ValueError(f'{len(x)} and {len(y)} rows; give the features of '
                         'the same images, at least four')
    # Centring leaves the estimate as it is, and its digits in place.
    grams = [(f @ f.T)
             for f in (v.double() - v.double().mean(0) for v in (x, y))]
    both, first, second = (unbiased_hsic(grams[i], grams[j]).item()
                           for i, j in ((0, 1), (0, 0), (1, 1)))
    floors = (1e-12 * (g**2).mean().item() for g in grams)
    if any(own <= floor for own, floor in zip((first, second), floors)):
        return math.nan
    return both / math.sqrt(first * second)


def cka_by_stage(
        features: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Compare all pairs of networks, stage by stage.

    Args:
        features: Of the same images, `{network: {stage: (n, C)}}`.

    Returns:
        For each stage that all networks have the values of
        :func:`linear_cka`, (networks, networks).

    Raises:
        UserError: There is no such stage.
    """
    networks = list(features.values())
    common = [s for s in networks[0] if all(s in net for net in networks)]
    if not common:
        stages = {name: list(net) for name, net in features.items()}
        raise UserError(f'the networks have no stage in common: {stages}')
    return {
        stage:
        torch.tensor([[linear_cka(x[stage], y[stage]) for y in networks]
                      for x in networks])
        for stage in common
    }
