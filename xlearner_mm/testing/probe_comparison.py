"""The sweep of a linear probe beside scikit-learn's, equally exact."""
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ..evaluation.linear_probe import L2_GRID, fit
from ..evaluation.linear_probe.regression import objective

#: How near to the minimum both have to come, relative to it.
ACCURACY = 1e-4
#: How near the minimum is found that both are measured against.
_EXACT = 1e-9
#: Tried in this order, with at most 1000 iterations (paper: Sec. 4.2) each,
#: until one comes near enough.
_TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)


def resnet_like_features(n: int,
                         d: int,
                         k: int,
                         seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw features (n, d) and labels (n,) of k classes.

    Like pooled features of a ResNet they are correlated, with a spectrum that
    falls as a power law, not negative, and half of them zero.
    """
    rng = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=rng)

    y = torch.randint(k, (n, ), generator=rng)
    scale = torch.arange(1, d + 1).float().pow(-0.7)
    hidden = (normal(k, d)[y] + 3 * normal(n, d)) * scale / scale.norm()
    mixing, _ = torch.linalg.qr(normal(d, d))
    return torch.relu(16 * hidden @ mixing + 0.3 * normal(d)), y


class ProbeComparison:
    """Both sweeps over the nine lambdas, on the same features.

    Args:
        n: Images.
        d: Features of each.
        k: Classes.
        device: Where ours computes.
        threads: Of scikit-learn's matrix products.
    """

    def __init__(self, n: int, d: int, k: int, device: torch.device,
                 threads: int) -> None:
        self.k, self.device, self.threads = k, device, threads
        x, y = resnet_like_features(n, d, k)
        self.x, self.y = x.to(device), y.to(device)
        self.numpy = {t: x.numpy().astype(t) for t in ('float32', 'float64')}
        exact = fit(self.x.double(), self.y, L2_GRID, self.k, tolerance=_EXACT)
        if not exact.converged.all():
            raise RuntimeError('the minimum is not known well enough')
        self.minimum = self.values(exact.weight, exact.bias)
        self.settings = [self._setting(i) for i in range(len(L2_GRID))]

    def solve(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Fit all strengths; return weights and intercepts."""
        found = fit(self.x, self.y, L2_GRID, self.k)
        return found.weight, found.bias

    def solve_sklearn(self, settings: list[tuple[str, float]] | None = None):
        """Fit all strengths with scikit-learn; return the same.

        Args:
            settings: Type and tolerance of each fit; scikit-learn's default
                tolerance in float32 where absent.
        """
        settings = settings or [('float32', 1e-4)] * len(L2_GRID)
        fits = [
            self._fit(l2, *setting) for l2, setting in zip(L2_GRID, settings)
        ]
        return (np.stack([f.coef_ for f in fits]),
                np.stack([f.intercept_ for f in fits]))

    def values(self, weight, bias) -> torch.Tensor:
        """Evaluate the objective of each strength in float64."""
        weight, bias = (
            torch.as_tensor(v, device=self.device).double()
            for v in (weight, bias))
        l2 = torch.tensor(L2_GRID, device=self.device).double()
        return objective(weight, bias, self.x.double(), self.y, l2)[0].cpu()

    def gaps(self, weight, bias) -> list[float]:
        """Return how far above the minimum each is, relative to it."""
        return (self.values(weight, bias) / self.minimum - 1).tolist()

    def _fit(self, l2: float, dtype: str, tol: float) -> LogisticRegression:
        model = LogisticRegression(
            C=1 / (l2 * len(self.x)), tol=tol, max_iter=1000)
        return self._go_on(model, dtype)

    def _go_on(self, model: LogisticRegression,
               dtype: str) -> LogisticRegression:
        with threadpool_limits(self.threads):
            return model.fit(self.numpy[dtype], self.y.cpu().numpy())

    def _setting(self, i: int) -> tuple[str, float]:
        """Find scikit-learn's loosest setting that is exact enough.

        Each tolerance goes on from where the one before it stopped.
        """
        for dtype in self.numpy:
            model = LogisticRegression(
                C=1 / (L2_GRID[i] * len(self.x)),
                max_iter=1000,
                warm_start=True)
            for tol in _TOLERANCES:
                self._go_on(model.set_params(tol=tol), dtype)
                value, _ = objective(
                    torch.tensor(model.coef_)[None].double(),
                    torch.tensor(model.intercept_)[None].double(),
                    self.x.cpu().double(), self.y.cpu(),
                    torch.tensor([L2_GRID[i]]).double())
                if value / self.minimum[i] - 1 <= ACCURACY:
                    return dtype, tol
        raise RuntimeError(f'scikit-learn does not reach {ACCURACY} at '
                           f'lambda={L2_GRID[i]}')
