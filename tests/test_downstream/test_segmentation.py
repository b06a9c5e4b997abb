"""Segmentation configs on tiny files in the real layouts."""
import cv2
import mmseg_runs as runs
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmseg.evaluation import IoUMetric
from mmseg.registry import DATASETS, MODELS
from sklearn.metrics import confusion_matrix, jaccard_score

from xlearner_mm.apis.cli import VARIABLES

FOLDER = runs.CONFIGS / 'segmentation'
FILES = sorted(FOLDER.glob('*.py'))
DEEPLAB = {
    stride:
    FOLDER / (f'deeplabv3_r50-d{stride}_xlearner-pre_4xb4-33k_'
              'voc12aug-513x513.py')
    for stride in (16, 8)
}
#: Narrow heads, for the CPU.
NARROW = dict(
    deeplabv3={
        'model.decode_head.channels': 8,
        'model.auxiliary_head.channels': 8
    },
    upernet={
        'model.decode_head.channels': 8,
        'model.auxiliary_head.channels': 8
    },
    fpn={})


@pytest.fixture(autouse=True)
def mmseg_scope(monkeypatch):
    """Build mmseg's parts; leave no scope behind, read no shell's options."""
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with DefaultScope.overwrite_default_scope('mmseg'):
        yield


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """The three datasets and a ResNet-18 of width 8, in one folder."""
    root = tmp_path_factory.mktemp('seg')
    runs.write_voc(root)
    runs.write_ade(root)
    runs.write_camvid(root)
    runs.export(root / 'r18.pth', 18, 8)
    return root


def load(file, data_root, **options):
    narrow = NARROW[file.name.split('_')[0]]
    return runs.load(file, data_root, data_root / 'r18.pth', 18, 8, **{
        **narrow,
        **options
    })


def test_folder_holds_the_four_configs():
    assert [file.name.split('_')[0]
            for file in FILES] == ['deeplabv3', 'deeplabv3', 'fpn', 'upernet']


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_name_says_what_the_config_does(file):
    size = dict(deeplabv3=(513, 513), upernet=(512, 512), fpn=None)
    runs.check_name(file, size[file.name.split('_')[0]])


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_stock_runner_trains_and_validates(file, data_root, tmp_path):
    cfg = load(file, data_root)
    runs.check_transfer(cfg, data_root)
    runner = runs.build(cfg, tmp_path)
    before = torch.load(data_root / 'r18.pth', weights_only=True)
    runner.train()
    scalars = runner.message_hub.log_scalars
    assert 0 < scalars['train/loss'].current() < 20
    score = scalars[f'val/{cfg.transfer.metric}'].current()
    assert 0 <= score * cfg.transfer.scale <= 100
    changed = runner.model.backbone.state_dict()
    for name in ('conv1.weight', 'layer4.1.conv2.weight'):
        assert not torch.equal(changed[name], before[name]), name


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('stride', [16, 8])
def test_output_stride_is_that_of_the_name(stride, depth, data_root):
    cfg = runs.load(DEEPLAB[stride], data_root, 'none.pth', depth, 8)
    backbone = MODELS.build(cfg.model.backbone)
    backbone.eval()
    with torch.no_grad():
        features = backbone(torch.zeros(1, 3, 513, 513))
    sides = [513 // s + 1 for s in (4, 8, stride, stride)]
    assert [f.shape[-1] for f in features] == sides
    assert [f.shape[1] for f in features] == cfg.channels
    dilations = {16: (1, 6, 12, 18), 8: (1, 12, 24, 36)}[stride]
    assert cfg.model.decode_head.dilations == dilations


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('stride', [16, 8])
def test_deeplab_holds_exactly_the_exported_weights(stride, depth, data_root,
                                                    tmp_path):
    exported = runs.export(tmp_path / 'some.pth', depth, 8)
    cfg = runs.load(DEEPLAB[stride], data_root, tmp_path / 'some.pth', depth,
                    8, **NARROW['deeplabv3'])
    model = MODELS.build(cfg.model)
    model.init_weights()
    found = model.backbone.state_dict()
    assert 'conv1.weight' in found and found.keys() == exported.keys()
    for key, value in exported.items():
        torch.testing.assert_close(found[key], value, rtol=0, atol=0)


def test_train_aug_is_train_and_aug_with_padding_ignored(data_root):
    cfg = load(DEEPLAB[16], data_root)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert [len(part) for part in dataset.datasets] == [2, 2]
    mask = dataset[2]['data_samples'].seg_map_path
    assert mask.endswith('VOC2012/SegmentationClassAug/2008_0.png')
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    preprocessor = MODELS.build(cfg.model.data_preprocessor)
    batch = preprocessor(next(iter(loader)), training=True)
    assert batch['inputs'].shape == (2, 3, 513, 513)
    for image, sample in zip(batch['inputs'], batch['data_samples']):
        labels = sample.gt_sem_seg.data[0]
        height, width = sample.img_shape
        assert labels.shape == (513, 513)
        assert set(labels.unique().tolist()) <= {*range(21), 255}
        assert (labels[height:] == 255).all()
        assert (labels[:, width:] == 255).all()
        assert (image[:, height:] == 0).all()
        assert (labels[:height, :width] != 255).any()


def test_pictures_are_scaled_by_half_to_double_their_own_size(data_root):
    cfg = load(DEEPLAB[16], data_root)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    sizes = {
        tuple(dataset[i % 4]['data_samples'].img_shape)
        for i in range(120)
    }
    widths = sorted(width for _, width in sizes)
    assert widths[0] == 35 and widths[-1] == 140 and len(widths) == 7


def test_prediction_has_the_size_of_the_picture(data_root, tmp_path):
    cfg = load(DEEPLAB[16], data_root)
    runner = runs.build(cfg, tmp_path)
    runner.model.eval()
    batch = next(iter(runner.val_dataloader))
    sample, = runner.model.val_step(batch)
    assert sample.pred_sem_seg.data.shape == (1, 50, 70)
    assert sample.gt_sem_seg.data.shape == (1, 50, 70)


def test_ade_label_zero_is_ignored(data_root):
    file, = FOLDER.glob('upernet*')
    cfg = load(file, data_root)
    raw = cv2.imread(
        str(data_root /
            'ade/ADEChallengeData2016/annotations/validation/c.png'),
        cv2.IMREAD_UNCHANGED).astype(int)
    dataset = DATASETS.build(cfg.val_dataloader.dataset)
    labels = dataset[0]['data_samples'].gt_sem_seg.data[0].numpy()
    expected = np.where((raw == 0) | (raw == 255), 255, raw - 1)
    np.testing.assert_array_equal(labels, expected)


def test_upstream_miou_is_scikit_learns():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, (3, 8, 9))
    guesses = np.where(
        rng.random((3, 8, 9)) < .6, labels, rng.integers(0, 5, (3, 8, 9)))
    labels[:, :2] = 255
    metric = IoUMetric(iou_metrics=['mIoU'])
    metric.dataset_meta = dict(classes=list('abcde'))
    for guess, label in zip(guesses, labels):
        metric.process({}, [
            dict(
                pred_sem_seg=dict(data=torch.from_numpy(guess)[None]),
                gt_sem_seg=dict(data=torch.from_numpy(label)[None]))
        ])
    found = metric.evaluate(size=3)
    known = labels != 255
    iou = jaccard_score(labels[known], guesses[known], average=None)
    table = confusion_matrix(labels[known], guesses[known]).astype(float)
    np.testing.assert_allclose(
        iou,
        table.diagonal() / (table.sum(0) + table.sum(1) - table.diagonal()))
    assert found['mIoU'] == pytest.approx(100 * iou.mean(), abs=0.006)
    assert found['aAcc'] == pytest.approx(
        100 * table.trace() / table.sum(), abs=0.006)
