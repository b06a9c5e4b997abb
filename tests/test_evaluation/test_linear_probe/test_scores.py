"""Scores against scikit-learn's."""
import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from xlearner_mm.evaluation.linear_probe.scores import (SCORES, mean_per_class,
                                                        top1)


@pytest.fixture(params=[np.asarray, torch.as_tensor], ids=['numpy', 'torch'])
def answers(request):
    """Predictions of classes 0 to 9; labels lack the classes 4 and 9."""
    rng = np.random.RandomState(0)
    labels = rng.choice([0, 1, 2, 3, 5, 6, 7, 8], 300, p=[.5, .2] + 6 * [.05])
    predicted = np.where(
        rng.rand(300) < 0.6, labels, rng.randint(10, size=300))
    return request.param(predicted), request.param(labels)


def test_top1_is_scikit_learns_accuracy(answers):
    predicted, labels = answers
    expected = 100 * accuracy_score(labels, predicted)
    assert top1(predicted, labels) == pytest.approx(expected, abs=1e-12)


@pytest.mark.filterwarnings('ignore:y_pred contains classes not in y_true')
def test_mean_per_class_is_scikit_learns_balanced_accuracy(answers):
    predicted, labels = answers
    expected = 100 * balanced_accuracy_score(labels, predicted)
    assert mean_per_class(predicted, labels) == pytest.approx(
        expected, abs=1e-12)
    assert abs(expected - top1(predicted, labels)) > 1


@pytest.mark.parametrize('name', ['top1', 'mean_per_class'])
def test_shapes_that_would_broadcast_are_refused(name):
    for predicted in (np.zeros(1, int), np.zeros((4, 1), int)):
        with pytest.raises(ValueError, match='N >= 1'):
            SCORES[name](predicted, np.zeros(4, int))
    with pytest.raises(ValueError, match='N >= 1'):
        SCORES[name](np.zeros(0, int), np.zeros(0, int))
