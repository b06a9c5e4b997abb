"""Eq. 3 and 4 against naive references in float64."""
import pytest
import torch

from xlearner_mm.errors import UserError
from xlearner_mm.models import GuidanceLayer, HintLoss

N, C, H, W = 2, 3, 5, 7


def naive_sum(pred, target) -> float:
    """Sum the squares of all differences, one by one."""
    return sum((p - t)**2 for p, t in zip(pred.flatten().tolist(),
                                          target.flatten().tolist()))


@pytest.mark.parametrize('reduction, divisor', [('channel_sum', N * H * W),
                                                ('mean', N * C * H * W),
                                                ('sum', N)])
def test_hint_loss_equals_the_naive_sum(reduction, divisor):
    pred, target = torch.randn(2, N, C, H, W, dtype=torch.float64)
    loss = HintLoss(reduction, loss_weight=0.7)(pred, target)
    expected = 0.7 * naive_sum(pred, target) / divisor
    assert loss.item() == pytest.approx(expected, rel=1e-12)


def test_hint_loss_gives_the_teacher_no_gradient():
    pred, target = torch.randn(2, N, C, H, W).unbind()
    pred.requires_grad_(), target.requires_grad_()
    HintLoss()(pred, target).backward()
    assert pred.grad is not None and target.grad is None


def test_hint_loss_of_half_precision_is_summed_in_float32():
    pred = torch.full((1, 1024, 1, 1), 16.0, dtype=torch.float16)
    loss = HintLoss('sum')(pred, torch.zeros_like(pred))
    assert loss.item() == 1024 * 256  # beyond float16's 65504


def test_unknown_reduction_is_refused():
    with pytest.raises(UserError, match='channel_sum'):
        HintLoss('median')


@pytest.mark.parametrize('train', [False, True])
def test_guidance_layer_is_a_1x1_convolution_and_batch_norm(train):
    layer = GuidanceLayer(C, 4).double().train(train)
    norm = layer.project.norm
    norm.weight.data.normal_(), norm.bias.data.normal_()
    norm.running_mean.normal_(), norm.running_var.uniform_(0.5, 2)
    mean, var = norm.running_mean.clone(), norm.running_var.clone()
    x = torch.randn(N, C, H, W, dtype=torch.float64)
    weight = layer.project.conv.weight[:, :, 0, 0]
    y = torch.einsum('oc,nchw->nohw', weight, x)
    if train:
        mean, var = y.mean((0, 2, 3)), y.var((0, 2, 3), unbiased=False)
    y = (y - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
    y = y * norm.weight[:, None, None] + norm.bias[:, None, None]
    torch.testing.assert_close(layer(x, (H, W)), y, rtol=1e-9, atol=1e-9)
    assert layer.project.conv.bias is None and y.min() < 0


def test_guidance_layer_meets_a_larger_teacher():
    assert GuidanceLayer(C, 4)(torch.rand(N, C, H, W),
                               (9, 13)).shape == (N, 4, 9, 13)
