"""Features are those of a naive loop, and are kept on disk."""
import pytest
import torch
from mmengine.registry import DATASETS, MODELS
from PIL import Image

from xlearner_mm.evaluation.linear_probe import (cached, digest_dataset,
                                                 digest_weights,
                                                 pooled_features)
from xlearner_mm.testing import tiny

PIPELINE = [dict(type='LoadImageFromFile'), dict(type='PackInputs')]


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    """Seven images of 33 x 47 pixels in three classes."""
    root = tmp_path_factory.mktemp('images')
    for i in range(7):
        folder = root / f'class_{i % 3}'
        folder.mkdir(exist_ok=True)
        Image.new('RGB', (47, 33),
                  (30 * i, 200 - 20 * i, 90)).save(folder / f'{i}.png')
    return DATASETS.build(
        dict(
            type='mmpretrain.CustomDataset',
            _scope_='mmpretrain',
            data_root=str(root),
            pipeline=PIPELINE))


@pytest.fixture(scope='module')
def parts():
    """A ResNet-18 of width 8 and mmpretrain's preprocessor."""
    torch.manual_seed(0)
    scope = dict(_scope_='mmpretrain')
    backbone = MODELS.build(dict(tiny.sub_backbone(), **scope))
    preprocessor = MODELS.build(
        dict(
            type='mmpretrain.ClsDataPreprocessor',
            mean=[120.0] * 3,
            std=[60.0] * 3,
            to_rgb=True,
            **scope))
    return backbone, preprocessor


@torch.no_grad()
def naive_features(backbone, dataset) -> torch.Tensor:
    """Pass the images one by one, in float64."""
    backbone.double().eval()
    rows = []
    for sample in dataset:
        x = (sample['inputs'].flip(0).double()[None] - 120) / 60
        rows.append(backbone(x)[-1].mean((2, 3))[0])
    backbone.float()
    return torch.stack(rows)


@pytest.mark.parametrize('workers', [0, 2])
def test_features_and_labels_are_those_of_a_naive_loop(images, parts, workers):
    expected = naive_features(parts[0], images)
    parts[0].train()
    x, y = pooled_features(*parts, images, batch_size=3, num_workers=workers)
    assert not parts[0].training
    assert x.dtype == torch.float32 and y.dtype == torch.int64
    torch.testing.assert_close(x.double(), expected, rtol=1e-5, atol=1e-6)
    assert y.tolist() == [int(s['data_samples'].gt_label) for s in images]


def test_mixed_precision_gives_nearly_the_same_features(images, parts):
    exact, _ = pooled_features(*parts, images)
    mixed, _ = pooled_features(*parts, images, amp='bfloat16')
    assert mixed.dtype == torch.float32 and not torch.equal(exact, mixed)
    torch.testing.assert_close(mixed, exact, rtol=0.05, atol=0.02)


def test_features_without_positions_are_taken_as_they_are(images, parts):

    class Mean(torch.nn.Module):

        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(3))

        def forward(self, x):
            return (x.mean((2, 3)) * self.scale, )

    x, _ = pooled_features(Mean(), parts[1], images, batch_size=2)
    assert x.shape == (7, 3)


class Counted:
    """Features that count how often they are computed."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self):
        self.count += 1
        return torch.full((2, 3), float(self.count)), torch.tensor([0, 1])


def test_features_are_computed_once_for_the_same_parts(tmp_path):
    compute = Counted()
    for parts in (dict(a=1), dict(a=1), dict(a=2)):
        x, y = cached(tmp_path, 'set-train', parts, compute)
    assert compute.count == 2 and y.tolist() == [0, 1]
    assert x.unique().tolist() == [2]
    assert not list(tmp_path.glob('*.tmp'))


def test_a_broken_file_is_computed_again(tmp_path):
    compute = Counted()
    cached(tmp_path, 'set', dict(a=1), compute)
    file, = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    cached(tmp_path, 'set', dict(a=1), compute)
    cached(tmp_path, 'set', dict(a=1), compute)
    assert compute.count == 2


def test_digests_follow_weights_images_and_labels(images, parts):
    before = digest_weights(parts[0])
    assert before == digest_weights(parts[0])
    parts[0].bn1.running_mean += 1
    assert digest_weights(parts[0]) != before
    part = images.get_subset([0, 1, 2])
    assert digest_dataset(part) != digest_dataset(images)
    again = digest_dataset(part)
    assert again == digest_dataset(images.get_subset([0, 1, 2]))
    Image.new('RGB', (47, 33)).save(part.get_data_info(0)['img_path'])
    assert digest_dataset(part) != again
