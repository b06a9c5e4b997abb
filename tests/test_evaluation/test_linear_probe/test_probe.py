"""The probe against scikit-learn and naive float64 code."""
import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from xlearner_mm.errors import UserError
from xlearner_mm.evaluation.linear_probe import (L2_GRID, fit, line_search,
                                                 sweep)
from xlearner_mm.evaluation.linear_probe.problem import (Problem, dot,
                                                         gradient, logits_of)
from xlearner_mm.evaluation.linear_probe.regression import (cross_entropy,
                                                            find_basis,
                                                            objective, rotate,
                                                            to_theta,
                                                            to_weights)
from xlearner_mm.testing.probe_comparison import resnet_like_features


def features(n: int, d: int, k: int, seed: int = 0, noise: float = 2.0):
    """Correlated, non-negative features, as a ResNet's, and their classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    y[:k] = np.arange(k)
    hidden = rng.normal(size=(k, d))[y] + noise * rng.normal(size=(n, d))
    mixed = (hidden / np.arange(1, d + 1)**0.7) @ rng.normal(size=(d, d))
    return np.maximum(mixed + 0.5, 0).astype(np.float32), y


def naive_objective(weight, bias, x, y, l2):
    """Write f out, image by image, in float64."""
    total = 0.0
    for features_of_one, label in zip(np.float64(x), y):
        logits = weight @ features_of_one + bias
        total += np.log(np.exp(logits).sum()) - logits[label]
    return total / len(y) + l2 / 2 * (weight**2).sum()


def sklearn_fit(x, y, l2: float) -> LogisticRegression:
    """Fit scikit-learn's, until nothing moves any more."""
    return LogisticRegression(
        C=1 / (l2 * len(x)), tol=1e-9, max_iter=20_000).fit(np.float64(x), y)


@pytest.mark.parametrize(
    'n, d, k', [(150, 37, 5), (40, 63, 3)], ids=['tall', 'wide'])
def test_objective_and_predictions_are_scikit_learns(n, d, k):
    x, y = features(n, d, k)
    more, _ = features(400, d, k, seed=1)
    found = fit(torch.tensor(x), torch.tensor(y), L2_GRID, k)
    assert found.converged.all()
    for i, l2 in enumerate(L2_GRID):
        other = sklearn_fit(x, y, l2)
        reached = naive_objective(found.weight[i].double().numpy(),
                                  found.bias[i].double().numpy(), x, y, l2)
        best = naive_objective(other.coef_, other.intercept_, x, y, l2)
        assert reached == pytest.approx(best, rel=1e-4)
        agree = found.predict(
            torch.tensor(more))[i].numpy() == other.predict(more)
        assert agree.mean() >= 0.99


def test_two_classes_equal_a_symmetric_binary_problem():
    # scikit-learn's two classes have one weight vector w with |w|^2 / 2; the
    # softmax splits it into +-w/2, whose penalty is |w|^2 / 4.
    x, y = features(60, 7, 2)
    found = fit(torch.tensor(x).double(), torch.tensor(y), [0.02], 2)
    other = sklearn_fit(x, y, 0.01)
    weight = (found.weight[0, 1] - found.weight[0, 0]).numpy()
    np.testing.assert_allclose(weight, other.coef_[0], rtol=1e-2, atol=1e-3)


def test_accuracy_is_scikit_learns():
    train, val, test = (features(n, 24, 4, seed=s)
                        for n, s in ((300, 0), (120, 0), (200, 0)))
    result = sweep(train, val, test)
    for l2, score in result.scores_by_l2.items():
        other = 100 * sklearn_fit(*train, l2).score(*val)
        assert abs(score - other) <= 100 / len(val[1]) + 1e-9
    both = [np.concatenate(parts) for parts in zip(train, val)]
    assert result.score == pytest.approx(
        100 * sklearn_fit(*both, result.l2_strength).score(*test), abs=0.1)
    assert result.converged and result.gradient_norm < 1e-2


def test_cross_entropy_and_its_residual_are_autograds():
    logits = torch.randn(9, 3, 5).double().requires_grad_()
    y = torch.randint(5, (9, ))
    loss, residual = cross_entropy(logits, y)
    for i in range(3):
        other = torch.nn.functional.cross_entropy(logits[:, i], y)
        grad, = torch.autograd.grad(other, logits)
        torch.testing.assert_close(loss[i], other)
        torch.testing.assert_close(residual[:, i] / 9, grad[:, i])


def test_objective_and_its_gradient_are_naive_ones():
    x, y = features(11, 6, 3)
    weight = torch.randn(2, 3, 6).double().requires_grad_()
    bias = torch.randn(2, 3).double().requires_grad_()
    l2 = torch.tensor([0.3, 0.02]).double()
    f, norm = objective(weight.detach(), bias.detach(),
                        torch.tensor(x).double(), torch.tensor(y), l2)
    for i in range(2):
        assert f[i].item() == pytest.approx(
            naive_objective(weight[i].detach().numpy(),
                            bias[i].detach().numpy(), x, y, l2[i].item()))
        logits = torch.tensor(x).double() @ weight[i].T + bias[i]
        value = torch.nn.functional.cross_entropy(
            logits, torch.tensor(y)) + l2[i] / 2 * weight[i].square().sum()
        grads = torch.autograd.grad(value, (weight, bias))
        flat = torch.cat([g.flatten() for g in grads])
        assert norm[i].item() == pytest.approx(flat.norm().item())


@pytest.mark.parametrize('n', [5, 50])
def test_rotating_leaves_logits_and_penalty_as_they_are(n):
    x = torch.randn(n, 12).double()
    basis = find_basis(x)
    weight, bias = to_weights(
        torch.randn(13 if n > 12 else n + 1, 2, 3).double(), basis)
    theta = to_theta(weight, bias, basis)
    logits = torch.einsum('np,plk->nlk', rotate(x, basis), theta)
    torch.testing.assert_close(logits,
                               torch.einsum('nd,lkd->nlk', x, weight) + bias)
    torch.testing.assert_close(theta[:-1].square().sum((0, 2)),
                               weight.square().sum((1, 2)))


def test_warm_start_ends_at_the_same_place_sooner():
    x, y = (torch.tensor(a) for a in features(200, 31, 4))
    cold = fit(x, y, [1e-3], 4)
    warm = fit(x, y, [1e-3], 4, start=cold)
    assert warm.iterations.item() <= 1 < cold.iterations.item()
    torch.testing.assert_close(warm.weight, cold.weight, rtol=0, atol=1e-5)


def test_batched_fit_equals_one_fit_per_strength():
    x, y = (torch.tensor(a) for a in features(90, 17, 3))
    together = fit(x.double(), y, [1e-1, 1e-3], 3)
    for i, l2 in enumerate((1e-1, 1e-3)):
        alone = fit(x.double(), y, [l2], 3)
        assert alone.iterations[0] == together.iterations[i]
        torch.testing.assert_close(alone.weight[0], together.weight[i])


def test_a_class_without_training_images_is_never_likeliest():
    x, y = features(60, 5, 3)
    found = fit(torch.tensor(x), torch.tensor(y), [1e-2], 4)
    assert found.converged.all()
    assert not (found.predict(torch.tensor(x)) == 3).any()


def test_features_far_from_zero_and_of_unequal_size_converge():
    x, y = features(120, 9, 3)
    x = x * np.logspace(-2, 2, 9, dtype='f') + 300
    found = fit(torch.tensor(x).double(), torch.tensor(y), [1e-4], 3)
    assert found.converged.all()

    def value(flat):
        return objective(
            torch.tensor(flat[:27]).view(1, 3, 9),
            torch.tensor(flat[27:])[None],
            torch.tensor(x).double(), torch.tensor(y),
            torch.tensor([1e-4]).double())[0].item()

    start = torch.cat([found.weight.flatten(), found.bias.flatten()]).numpy()
    better = minimize(value, start, method='Powell', options=dict(maxiter=2))
    assert value(start) <= better.fun * (1 + 1e-4)


def test_fits_that_do_not_converge_are_said():
    split = features(60, 8, 3)
    with pytest.warns(ConvergenceWarning, match=r'at lambda=\[1e-05\]'):
        result = sweep(split, split, split, l2_grid=[1e-5], max_iters=2)
    assert not result.converged
    assert result.iterations == {1e-5: 2}
    assert result.gradient_norm > 1e-3


def test_classes_far_apart_need_no_exact_arithmetic():
    x = 1000 * torch.eye(5).repeat(3, 1)
    y = torch.arange(5).repeat(3)
    found = fit(x, y, L2_GRID, 5)
    assert found.converged.all() and found.weight.isfinite().all()
    assert (found.predict(x) == y).all()


@pytest.mark.parametrize('change, message', [
    (dict(metric='top5'), "metric='top5': choose one of top1, mean_per_class"),
    (dict(l2_grid=[0.1, 0]), 'l2_grid'),
    (dict(val=(np.zeros((0, 4)), np.zeros(0))), 'val: features'),
    (dict(val=(np.zeros((3, 5)), np.zeros(3))), 'different width'),
    (dict(test=(np.full((3, 4), np.nan), np.zeros(3))), 'test: .*finite'),
    (dict(test=(np.zeros((3, 4)), np.full(3, -1))), 'test: labels begin at'),
])
def test_bad_input_is_named(change, message):
    split = (np.eye(4, dtype='f'), np.arange(4))
    with pytest.raises(UserError, match=message):
        sweep(**{**dict(train=split, val=split, test=split), **change})


@pytest.mark.parametrize('trials', [1, 3, 20])
def test_line_search_returns_the_logits_of_its_step(trials, monkeypatch):
    monkeypatch.setattr(line_search, '_TRIALS', trials)
    torch.manual_seed(0)
    x, y = (torch.tensor(a) for a in features(30, 6, 3))
    basis = find_basis(x.double())
    z = rotate(x.double(), basis)
    l2 = torch.tensor([1e-1, 1e-4]).double()
    problem = Problem(z, y, l2, torch.ones(7).double())
    theta = 1e3 * torch.randn(7, 2, 3).double()  # far from the minimum
    logits = logits_of(problem, theta)
    _, residual = cross_entropy(logits, y)
    direction = -gradient(problem, residual, theta)
    slope = dot(direction, -direction)
    change = logits_of(problem, direction)
    found = line_search.line_search(problem, logits, change, slope, theta,
                                    direction)
    torch.testing.assert_close(found.logits,
                               logits + found.step[:, None] * change)
    loss, residual = cross_entropy(found.logits, y)
    torch.testing.assert_close(found.residual, residual)
    torch.testing.assert_close(found.loss, loss)


def test_a_fit_goes_on_while_its_objective_falls():
    # Fewer images than features, many classes, a weak penalty: the bound of
    # the gap is for more than fifty iterations above one of its first values.
    x, y = resnet_like_features(500, 512, 100)
    l2 = L2_GRID[0]
    found = fit(x.double(), y, [l2], 100, tolerance=1e-8)
    assert found.converged
    f, norm = objective(found.weight, found.bias, x.double(), y,
                        torch.tensor([l2]).double())
    assert norm**2 / (2 * l2 * f) < 1e-7
