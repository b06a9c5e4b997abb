"""FPNDepthHead: range, loss, gradients, and labels that are missing."""
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import DefaultScope
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

import xlearner_mm.models.decode_heads  # noqa: F401
from xlearner_mm.errors import UserError

SIZES = [(7, 9), (4, 5), (2, 3), (1, 2)]


@pytest.fixture(autouse=True)
def mmseg_scope():
    """Build mmseg's parts, and leave no scope behind."""
    with DefaultScope.overwrite_default_scope('mmseg'):
        yield


def head(**kwargs):
    torch.manual_seed(0)
    cfg = dict(
        type='xlearner_mm.FPNDepthHead',
        in_channels=[3, 3, 3, 3],
        channels=5,
        norm_cfg=dict(type='BN'))
    return MODELS.build(dict(cfg, **kwargs))


def levels(num=2):
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(num, 3, *size, generator=generator) for size in SIZES]


def labels(num=2):
    """Depths of (1, 27, 35) from 0.5 to 9 m, a third of them unknown."""
    rng = np.random.default_rng(2)
    depth = rng.uniform(0.5, 9.0, (num, 1, 27, 35)).astype(np.float32)
    depth[rng.random(depth.shape) < 1 / 3] = 0
    return depth


def samples(depths):
    """Pack (N, 1, H, W) depths as the data pipeline does."""
    return [
        SegDataSample(gt_depth_map=PixelData(data=torch.from_numpy(depth)))
        for depth in depths
    ]


def reference_loss(pred, depths):
    """SiLog in float64, image by image and pixel by pixel."""
    losses = []
    for guess, depth in zip(pred.double().tolist(), depths.tolist()):
        errors = [
            math.log(d) - math.log(g)
            for row, truth in zip(guess[0], depth[0])
            for g, d in zip(row, truth) if d > 0
        ]
        mean = sum(errors) / len(errors)
        square = sum(e * e for e in errors) / len(errors)
        losses.append(math.sqrt(square - 0.5 * mean**2))
    return sum(losses) / len(losses)


def test_output_is_a_depth_at_the_finest_stride():
    for scale in (1, 30):
        out = head(max_depth=4.0)([scale * level for level in levels()])
        assert out.shape == (2, 1, 7, 9)
        assert (out > 0).all() and (out < 4).all()


def test_prediction_has_the_size_of_the_input():
    out = head().predict(levels(), [dict(img_shape=(28, 36))] * 2, None)
    assert out.shape == (2, 1, 28, 36)


def test_loss_is_silog_of_the_known_pixels():
    module, depths = head(), labels()
    losses = module.loss(levels(), samples(depths), None)
    assert set(losses) == {'loss_silog'}
    pred = F.interpolate(module(levels()).double(), (27, 35), mode='bilinear')
    assert losses['loss_silog'].item() == pytest.approx(
        reference_loss(pred, depths), rel=1e-5)


def test_unknown_pixels_get_no_gradient():
    depths = labels()
    pred = torch.full((2, 1, 27, 35), 3.0, requires_grad=True)
    head().loss_by_feat(pred, samples(depths))['loss_silog'].backward()
    assert ((pred.grad != 0) == torch.from_numpy(depths > 0)).all()


def test_every_parameter_gets_a_gradient():
    module = head()
    module.loss(levels(), samples(labels()), None)['loss_silog'].backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name


def test_an_image_without_labels_has_no_part_in_the_loss():
    depths = labels()
    depths[1] = 0
    pred = torch.full((2, 1, 27, 35), 3.0, requires_grad=True)
    loss = head().loss_by_feat(pred, samples(depths))['loss_silog']
    loss.backward()
    assert loss.item() == pytest.approx(
        reference_loss(pred[:1], depths[:1]), rel=1e-5)
    assert pred.grad[0].any() and not pred.grad[1].any()
    assert pred.grad.isfinite().all()


def test_a_batch_without_labels_costs_nothing():
    module = head()
    loss = module.loss(levels(), samples(0 * labels()), None)['loss_silog']
    loss.backward()
    assert loss.item() == 0
    for parameter in module.parameters():
        assert parameter.grad is not None and not parameter.grad.any()


@pytest.mark.parametrize('beyond', [255.0, 10.01, math.inf, math.nan])
def test_depths_beyond_the_maximum_are_unknown(beyond):
    depths = labels()
    marked = depths.copy()
    marked[:, :, -3:] = beyond  # as padding with mmseg's default
    depths[:, :, -3:] = 0
    pred = torch.full((2, 1, 27, 35), 3.0)
    found, expected = (
        head().loss_by_feat(pred, samples(d))['loss_silog']
        for d in (marked, depths))
    assert found == expected


def test_millimetres_without_the_factor_are_refused():
    with pytest.raises(UserError, match='depth_rescale_factor'):
        head().loss(levels(), samples(1000 * labels()), None)


@pytest.mark.parametrize('max_depth', [0, -1.0, math.nan])
def test_a_maximum_that_is_not_positive_is_refused(max_depth):
    with pytest.raises(UserError, match=f'max_depth={max_depth}'):
        head(max_depth=max_depth)


def test_losses_of_one_name_are_added():
    part = dict(type='SiLogLoss')
    losses = [
        head(loss_decode=decode).loss(levels(), samples(labels()),
                                      None)['loss_silog']
        for decode in (part, [part, dict(part, loss_weight=0.5)])
    ]
    torch.testing.assert_close(losses[1], 1.5 * losses[0])
