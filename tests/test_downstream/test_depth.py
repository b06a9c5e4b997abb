"""Depth configs on tiny files in the real layouts, and upstream's metric."""
import mmseg.evaluation  # noqa: F401, registers the metric
import mmseg_runs as runs
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.structures import PixelData
from mmseg.registry import DATASETS, METRICS, MODELS
from mmseg.structures import SegDataSample

from xlearner_mm.apis.cli import VARIABLES
from xlearner_mm.testing.task_files import write_depth

FOLDER = runs.CONFIGS / 'depth'
FILES = sorted(FOLDER.glob('*.py'))
NYU, = FOLDER.glob('*_nyu-416x544.py')
KITCHEN, = FOLDER.glob('*_red-kitchen.py')
NARROW = {
    'model.neck.out_channels': 8,
    'model.decode_head.in_channels': [8, 8, 8, 8],
    'model.decode_head.channels': 8
}


@pytest.fixture(autouse=True)
def mmseg_scope(monkeypatch):
    """Build mmseg's parts; leave no scope behind, read no shell's options."""
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with DefaultScope.overwrite_default_scope('mmseg'):
        yield


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """Both datasets and a ResNet-18 of width 8, in one folder."""
    root = tmp_path_factory.mktemp('depth')
    write_depth(root / 'nyu', 'test', (480, 640))
    write_depth(root / 'depth/red_kitchen', 'val', (240, 320))
    runs.export(root / 'r18.pth', 18, 8)
    return root


def load(file, data_root, depth=18, **options):
    return runs.load(file, data_root, data_root / f'r{depth}.pth', depth, 8,
                     **NARROW, **options)


def first_batch(cfg, training):
    loader = cfg.train_dataloader if training else cfg.val_dataloader
    batch = next(iter(Runner.build_dataloader(loader, seed=0)))
    preprocessor = MODELS.build(cfg.model.data_preprocessor)
    return preprocessor(batch, training=training)


def test_folder_holds_the_two_configs():
    assert FILES == sorted([NYU, KITCHEN])


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_name_says_what_the_config_does(file):
    runs.check_name(file, (416, 544) if file == NYU else None)


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_stock_runner_trains_and_validates(file, data_root, tmp_path):
    cfg = load(file, data_root)
    runs.check_transfer(cfg, data_root)
    runner = runs.build(cfg, tmp_path)
    runner.train()
    scalars = runner.message_hub.log_scalars
    assert 0 < scalars['train/decode.loss_silog'].current() < 5
    assert 0 <= scalars[f'val/{cfg.transfer.metric}'].current() <= 1
    assert np.isfinite(scalars['val/rmse'].current())


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_estimator_holds_exactly_the_exported_weights(file, depth, data_root):
    exported = runs.export(data_root / f'r{depth}.pth', depth, 8)
    cfg = load(file, data_root, depth)
    model = MODELS.build(cfg.model)
    model.init_weights()
    found = model.backbone.state_dict()
    assert 'conv1.weight' in found and found.keys() == exported.keys()
    for key, value in exported.items():
        torch.testing.assert_close(found[key], value, rtol=0, atol=0)


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_labels_are_metres_of_the_same_pixels(file, data_root):
    """The pictures are grey, 50 levels a metre."""
    cfg = load(file, data_root)
    pipeline = cfg.train_dataloader.dataset.pipeline
    pipeline[:] = [t for t in pipeline if t.type != 'PhotoMetricDistortion']
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    flips = set()
    for i in range(16):
        packed = dataset[i % 2]
        sample = packed['data_samples']
        depth = sample.gt_depth_map.data[0]
        assert depth.shape == packed['inputs'].shape[1:]
        assert depth.shape == cfg.model.data_preprocessor.size
        known = depth > 0
        shown = packed['inputs'].float().mean(0) / 50
        assert (depth - shown)[known].abs().max() < 0.1
        assert known.float().mean() > 0.5
        flips.add(sample.flip)
    assert flips == {True, False}


def test_padding_is_unknown(data_root):
    cfg = load(KITCHEN, data_root)
    cfg.train_dataloader.dataset.pipeline[3].crop_size = (160, 200)
    batch = first_batch(cfg, training=True)
    assert batch['inputs'].shape == (2, 3, 192, 256)
    for sample in batch['data_samples']:
        depth = sample.gt_depth_map.data
        assert depth.shape == (1, 192, 256)
        assert not depth[:, 160:].any() and not depth[:, :, 200:].any()
        assert depth.max() < 4


def test_prediction_has_the_size_of_the_picture(data_root, tmp_path):
    cfg = load(KITCHEN, data_root)
    runner = runs.build(cfg, tmp_path)
    runner.model.eval()
    sample, = runner.model.val_step(next(iter(runner.val_dataloader)))
    depth = sample.pred_depth_map.data
    assert depth.shape == sample.gt_depth_map.data.shape == (1, 240, 320)
    assert (depth > 0).all() and (depth < 10).all()


def naive_metrics(pred, depth):
    """delta_1, abs_rel and rmse of an image's known pixels, in float64."""
    pred, depth = pred.astype(float), depth.astype(float)
    known = (depth > 0.001) & (depth < 10)
    pred, depth = pred[known], depth[known]
    ratio = np.maximum(pred / depth, depth / pred)
    return dict(
        d1=(ratio < 1.25).mean(),
        abs_rel=(abs(pred - depth) / depth).mean(),
        rmse=np.sqrt(((pred - depth)**2).mean()))


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_upstream_metric_is_the_naive_one(file, data_root):
    """Images of 480 x 640; Eigen's crop is rows 45-470, columns 41-600."""
    metric = METRICS.build(load(file, data_root).val_evaluator)
    metric.dataset_meta = {}
    rng = np.random.default_rng(3)
    expected = []
    for _ in range(2):
        depth = rng.uniform(0.3, 11, (480, 640)).astype(np.float32)
        pred = (depth * rng.uniform(0.6, 1.6, depth.shape)).astype(np.float32)
        depth[rng.random(depth.shape) < 0.2] = 0
        sample = SegDataSample(
            gt_depth_map=PixelData(data=torch.from_numpy(depth)[None]),
            pred_depth_map=PixelData(data=torch.from_numpy(pred)[None]))
        metric.process({}, [sample.to_dict()])
        if file == NYU:
            pred, depth = pred[45:471, 41:601], depth[45:471, 41:601]
        expected.append(naive_metrics(pred, depth))
    found = metric.evaluate(size=2)
    for name in ('d1', 'abs_rel', 'rmse'):
        mean = np.mean([e[name] for e in expected])
        assert found[name] == pytest.approx(mean, rel=1e-5), name


@pytest.mark.parametrize('row,column,inside', [
    (45, 41, True),
    (470, 600, True),
    (44, 41, False),
    (45, 40, False),
    (471, 600, False),
    (470, 601, False),
])
def test_only_errors_inside_eigens_crop_count(row, column, inside, data_root):
    metric = METRICS.build(load(NYU, data_root).val_evaluator)
    metric.dataset_meta = {}
    depth = torch.full((1, 480, 640), 2.0)
    pred = depth.clone()
    pred[0, row, column] = 4.0
    metric.process(
        {},
        [dict(pred_depth_map=dict(data=pred), gt_depth_map=dict(data=depth))])
    assert (metric.evaluate(size=1)['rmse'] > 0) == inside
