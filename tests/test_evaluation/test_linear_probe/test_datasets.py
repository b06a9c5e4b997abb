"""From a dataset's own files to labelled network inputs."""
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import MODELS
from test_evaluation import probe_writers as writers

from xlearner_mm.apis import load_config
from xlearner_mm.errors import UserError
from xlearner_mm.evaluation.linear_probe.datasets import ProbeDataset

CONFIGS = Path(__file__).parents[3] / 'configs/downstream/linear_probe'
#: The table of datasets: classes, metric, the splits that come with each.
TABLE = dict(
    cifar10=(10, 'top1', ['train', 'test']),
    cifar100=(100, 'top1', ['train', 'test']),
    food101=(101, 'top1', ['train', 'test']),
    sun397=(397, 'top1', ['train', 'test']),
    stanford_cars=(196, 'top1', ['train', 'test']),
    fgvc_aircraft=(100, 'mean_per_class', ['train', 'val', 'test']),
    dtd=(47, 'top1', ['train', 'val', 'test']),
    oxford_pets=(37, 'mean_per_class', ['train', 'test']),
    caltech101=(102, 'mean_per_class', ['train']),
    flowers102=(102, 'mean_per_class', ['train', 'val', 'test']))


def config(name: str, root: Path, **options) -> Config:
    return load_config(
        str(CONFIGS / f'{name}.py'), dict(data_root=root, **options))


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a dataset's files; return its config."""
    writers.accept_written_cifar(monkeypatch)

    def write(name: str, writer=None, **options) -> Config:
        (writer or writers.WRITERS[name])(tmp_path)
        return config(name, tmp_path, **options)

    return write


def network_inputs(cfg: Config, samples: list[dict]) -> torch.Tensor:
    """What the network sees, (N, 3, H, W), back in 0 to 255, red first."""
    preprocessor = MODELS.build(
        dict(cfg.data_preprocessor, _scope_=cfg.default_scope))
    inputs = preprocessor(pseudo_collate(samples), False)['inputs']
    std = torch.tensor([58.395, 57.12, 57.375])[:, None, None]
    return inputs * std + torch.tensor([123.675, 116.28, 103.53])[:, None,
                                                                  None]


def assert_colours_tell_labels(cfg: Config, samples: list[dict]) -> None:
    inputs = network_inputs(cfg, samples)
    assert inputs.shape[1:] == (3, 224, 224)
    labels = [int(sample['data_samples'].gt_label) for sample in samples]
    expected = torch.tensor([writers.COLOURS[y % 3] for y in labels])
    difference = inputs - expected[:, :, None, None]
    assert difference.abs().max() < 4  # JPEG's


@pytest.mark.parametrize('name', TABLE)
def test_config_says_what_the_table_says(name):
    cfg = config(name, 'somewhere')
    dataset = ProbeDataset.from_config(cfg)
    found = dataset.num_classes, dataset.metric, list(dataset.splits)
    assert (dataset.name, found) == (name, TABLE[name])
    assert cfg.backbone.out_indices == (3, )
    for split in dataset.splits.values():
        assert split.data_root.startswith('somewhere/')


@pytest.mark.parametrize('file', sorted(CONFIGS.glob('*.py')))
def test_config_is_short_and_names_the_data_it_needs(file):
    cfg = load_config(str(file))
    text = file.read_text()
    assert text.startswith('"""') and f'--dataset {cfg.name} ' in text
    assert cfg.name == file.stem and len(text.splitlines()) <= 30
    assert {'needs', 'source', 'layout'} == set(cfg.transfer)


@pytest.mark.parametrize('name', sorted(set(TABLE) - {'caltech101'}))
def test_every_image_has_its_label_and_its_colours(name, written):
    cfg = written(name)
    dataset = ProbeDataset.from_config(cfg)
    for path in cfg.transfer.needs:
        assert Path(cfg.env_variables['XLEARNER_DATA'], path).exists()
    for split in dataset.splits:
        images = dataset.build(split)
        assert Counter(images.get_gt_labels().tolist()) == Counter(
            writers.labels_of(TABLE[name][0], split))
        assert_colours_tell_labels(cfg, [images[i] for i in range(3)])
        assert_colours_tell_labels(cfg, [images[len(images) - 1]])


def test_splits_share_no_image(written):
    dataset = ProbeDataset.from_config(written('dtd'))
    paths = [
        images.get_data_info(i)['img_path']
        for images in map(dataset.build, dataset.splits)
        for i in range(len(images))
    ]
    assert len(paths) == len(set(paths)) == 3 * sum(writers.COUNTS.values())


def test_stanford_cars_in_one_folder_are_the_same(written):
    cfg = written('stanford_cars', writers.write_stanford_cars_in_one)
    dataset = ProbeDataset.from_config(cfg)
    for split in ('train', 'test'):
        images = dataset.build(split)
        assert images.get_gt_labels().tolist() == writers.labels_of(196, split)
        assert_colours_tell_labels(cfg, [images[i] for i in range(3)])


def test_caltech101_is_divided_into_30_per_class_and_the_rest(written):
    cfg = written('caltech101')
    dataset = ProbeDataset.from_config(cfg)
    images = dataset.build('train')
    assert_colours_tell_labels(cfg, [images[i] for i in (0, 31, 63, 3162)])
    labels = images.get_gt_labels()
    names = np.arange(len(labels))  # in place of features
    parts = dataset.arrange(dict(train=(names[:, None], labels)))
    sizes = {split: Counter(y.tolist()) for split, (_, y) in parts.items()}
    assert set(sizes['train'].values()) == {24}
    assert set(sizes['val'].values()) == {6}
    assert sizes['test'] == {y: 1 + (y == 1) for y in range(102)}
    everything = np.concatenate([x[:, 0] for x, _ in parts.values()])
    assert sorted(everything) == names.tolist()


def test_caltech101_without_its_background_is_refused(written, tmp_path):
    cfg = written('caltech101')
    folder = tmp_path / 'caltech-101/101_ObjectCategories/BACKGROUND_Google'
    folder.rename(tmp_path / 'elsewhere')
    with pytest.raises(UserError, match='101 classes.*num_classes=102'):
        ProbeDataset.from_config(cfg).build('train')


@pytest.mark.parametrize('kind', [np.asarray, torch.as_tensor])
def test_arrange_holds_out_of_train_and_leaves_test_alone(kind):
    dataset = ProbeDataset.from_config(config('cifar10', 'x'))
    labels = np.tile(np.arange(10), 10)
    train = kind(np.arange(100)[:, None] * 1.0), kind(labels)
    test = kind(np.zeros((4, 1))), kind(np.arange(4))
    parts = dataset.arrange(dict(train=train, test=test))
    assert list(parts) == ['train', 'val', 'test'] and parts['test'] is test
    for split, number in (('train', 8), ('val', 2)):
        x, y = parts[split]
        assert type(x) is type(train[0]) and x.shape == (10 * number, 1)
        assert np.array_equal(np.asarray(x)[:, 0] % 10, np.asarray(y))


def test_arrange_changes_nothing_where_all_splits_are_official():
    dataset = ProbeDataset.from_config(config('dtd', 'x'))
    parts = {k: (np.eye(2), np.arange(2)) for k in ('train', 'val', 'test')}
    assert dataset.arrange(parts) == parts


def test_arrange_names_the_dataset_whose_class_is_too_small():
    dataset = ProbeDataset.from_config(config('caltech101', 'x'))
    with pytest.raises(UserError, match="'caltech101': class 0 has 9 images"):
        dataset.arrange(dict(train=(np.zeros((9, 1)), np.zeros(9, int))))


def write_folders(root: Path, *splits: str) -> None:
    for split in splits:
        for label, name in enumerate(('oak', 'pine')):
            writers.save(root / split / name / '1.jpg', label)


def test_class_folders_work_with_and_without_val(tmp_path):
    write_folders(tmp_path, 'train', 'test')
    cfg = config('class_folders', tmp_path)
    dataset = ProbeDataset.from_config(cfg)
    assert list(dataset.splits) == ['train', 'test']
    images = dataset.build('test')
    assert_colours_tell_labels(cfg, [images[0], images[1]])
    write_folders(tmp_path, 'val')
    dataset = ProbeDataset.from_config(cfg)
    assert dataset.build('val').get_gt_labels().tolist() == [0, 1]


def test_clothing_is_seen_at_64_pixels(tmp_path):
    write_folders(tmp_path / 'cls/clothing', 'train', 'val', 'test')
    cfg = config('clothing', tmp_path, num_classes=2)
    images = ProbeDataset.from_config(cfg).build('val')
    assert network_inputs(cfg, [images[0]]).shape == (1, 3, 64, 64)


def test_class_folders_that_would_shift_the_labels_are_refused(tmp_path):
    write_folders(tmp_path, 'train', 'test')
    (tmp_path / 'test/oak').rename(tmp_path / 'test/yew')
    dataset = ProbeDataset.from_config(config('class_folders', tmp_path))
    with pytest.raises(UserError, match=r"'test'.*\['oak', 'yew'\]"):
        dataset.build('test')


def test_an_unreadable_image_stops_and_is_named(written, tmp_path):
    cfg = written('food101')
    file = tmp_path / 'food-101/images/apple_pie/1001.jpg'
    file.write_bytes(file.read_bytes()[:100])
    images = ProbeDataset.from_config(cfg).build('train')
    with pytest.raises(UserError, match="food101', split 'train'.*1001.jpg"):
        images[0]


@pytest.mark.parametrize('name', TABLE)
def test_missing_files_are_told_with_where_to_get_them(name, tmp_path):
    cfg = config(name, tmp_path)
    with pytest.raises(UserError) as info:
        ProbeDataset.from_config(cfg).build('train')
    for text in (f"'{name}', split 'train'", cfg.transfer.layout,
                 cfg.transfer.source):
        assert text in str(info.value)


def test_a_label_beyond_the_classes_is_refused(written):
    cfg = written('flowers102', num_classes=101)
    with pytest.raises(UserError, match='label 101.*101 classes end at 100'):
        ProbeDataset.from_config(cfg).build('train')


@pytest.mark.parametrize('change, message', [
    (dict(metric='top5'), "metric='top5'; choose from"),
    (dict(splits=dict(test={})), r"splits are \['test'\]; give 'train'"),
    (dict(splits=dict(train={}, tset={})), r"\['train', 'tset'\]"),
    (dict(splits=dict(train={})), "either a 'test' split or train_per_class"),
    (dict(train_per_class=30), 'not both'),
    (dict(val_fraction=1.0), 'val_fraction=1.0'),
])
def test_a_config_without_sense_is_refused(change, message):
    fields = dict(
        name='mine',
        metric='top1',
        num_classes=2,
        splits=dict(train={}, test={}))
    with pytest.raises(UserError, match=f"'mine': .*{message}"):
        ProbeDataset.from_config(Config({**fields, **change}))


def test_a_config_of_something_else_is_refused():
    with pytest.raises(UserError, match=r"no \['metric', 'num_classes'\]"):
        ProbeDataset.from_config(Config(dict(name='a', splits={})))
