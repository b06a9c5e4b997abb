"""The CIFAR-100 config on tiny files in the original format."""
import re
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS, DefaultScope
from mmengine.runner import Runner
from test_evaluation import probe_writers as writers

from xlearner_mm.apis import load_config

FOLDER = Path(__file__).parents[2] / 'configs/downstream/classification'
FILE = FOLDER / 'resnet50_xlearner-pre_1xb64-20k_cifar100.py'


@pytest.fixture(autouse=True)
def mmpretrain_scope(monkeypatch):
    """Build mmpretrain's parts; take the files written here for CIFAR."""
    writers.accept_written_cifar(monkeypatch)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        yield


@pytest.fixture
def cfg(tmp_path) -> Config:
    """The config for a ResNet-18 of width 8 on the CPU."""
    writers.write_cifar100(tmp_path)
    torch.manual_seed(0)
    weights = MODELS.build(
        dict(
            type='mmpretrain.ResNet',
            depth=18,
            base_channels=8,
            stem_channels=8)).state_dict()
    for value in weights.values():
        value += 1  # unlike any other initialisation, also in the batch norms
    torch.save(weights, tmp_path / 'r18.pth')
    cfg = load_config(
        str(FILE), {
            'data_root': str(tmp_path),
            'checkpoint': str(tmp_path / 'r18.pth'),
            'depth': 18,
            'width': 8,
            'train_cfg.max_iters': 2,
            'train_cfg.val_interval': 2,
            'train_dataloader.batch_size': 4
        })
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.num_workers, loader.persistent_workers = 0, False
    cfg.log_level, cfg.work_dir = 'WARNING', str(tmp_path / 'work')
    cfg.experiment_name = uuid4().hex
    return cfg


def test_config_does_what_its_name_and_the_suite_say(tmp_path):
    writers.write_cifar100(tmp_path)
    cfg = load_config(str(FILE), dict(data_root=str(tmp_path)))
    depth, batch, iters = re.search(r'resnet(\d+)_.*_1xb(\d+)-(\d+)k_',
                                    FILE.name).groups()
    assert cfg.model.backbone.depth == int(depth)
    assert cfg.train_dataloader.batch_size == int(batch)
    assert cfg.auto_scale_lr.base_batch_size == int(batch)
    assert cfg.train_cfg.max_iters == 1000 * int(iters)
    assert cfg.model.head.in_channels == 2048
    optimizer, transfer = cfg.optim_wrapper.optimizer, cfg.transfer
    assert set(transfer) == {
        'metric', 'scale', 'lr', 'needs', 'source', 'layout'
    }
    assert set(transfer.lr) == {'SGD', 'AdamW'}
    low, high = transfer.lr[optimizer.type]
    assert low <= optimizer.lr <= high
    for path in transfer.needs:
        assert (tmp_path / path).exists()
    text = FILE.read_text()
    assert text.startswith('"""') and FILE.name in text.split('"""')[1]
    assert len(text.splitlines()) <= 40


@pytest.mark.parametrize('split', ['train', 'val'])
def test_the_network_sees_the_right_colours_at_224_pixels(cfg, split):
    dataset = DATASETS.build(cfg[f'{split}_dataloader'].dataset)
    preprocessor = MODELS.build(
        dict(cfg.model.data_preprocessor, type='ClsDataPreprocessor'))
    samples = [dataset[i] for i in range(3)]
    inputs = preprocessor(pseudo_collate(samples), False)['inputs']
    assert inputs.shape == (3, 3, 224, 224)
    # The middle: training pads the border.
    pixel = inputs[:, :, 112, 112] * torch.tensor([58.395, 57.12, 57.375])
    pixel += torch.tensor([123.675, 116.28, 103.53])
    labels = [int(sample['data_samples'].gt_label) for sample in samples]
    assert labels == [0, 1, 99]
    expected = torch.tensor([writers.COLOURS[y % 3] for y in labels])
    torch.testing.assert_close(pixel, expected.float(), atol=1e-3, rtol=0)


def test_the_stock_runner_starts_from_the_checkpoint_and_trains_it(cfg):
    runner = Runner.from_cfg(cfg)
    exported = torch.load(cfg.checkpoint, weights_only=True)
    runner.model.init_weights()
    for key, value in exported.items():
        assert torch.equal(runner.model.backbone.state_dict()[key], value)
    weights = [runner.model.backbone.conv1.weight, runner.model.head.fc.weight]
    before = [weight.detach().clone() for weight in weights]
    runner.train()
    for weight, old in zip(weights, before):
        assert not torch.equal(weight, old)
    scalars = runner.message_hub.log_scalars
    assert np.isfinite(scalars['train/loss'].current())
    # The second of two iterations: half way down the cosine.
    assert scalars['train/lr'].current() == pytest.approx(0.005)


def test_the_metric_is_the_share_of_right_answers_in_percent(cfg):
    """Biased to say class 99, it is right for one third of the images."""
    runner = Runner.from_cfg(cfg)
    runner.load_or_resume()
    with torch.no_grad():
        runner.model.head.fc.bias[99] = 1e6
    metrics = runner.val_loop.run()
    score = cfg.transfer.scale * metrics[cfg.transfer.metric]
    assert score == pytest.approx(100 / 3, abs=1e-3)
