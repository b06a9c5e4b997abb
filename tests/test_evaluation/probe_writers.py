"""The ten datasets of the linear probe, tiny, in the files they come in.

Every image is of one colour, `COLOURS[label % 3]`. Of the classes there are
the first two and the last, of Caltech-101 all.
"""
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from mmpretrain.datasets.categories import CALTECH101_CATEGORIES
from PIL import Image
from scipy.io import savemat

#: RGB.
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
#: Images of each class that is there, by split.
COUNTS = dict(train=5, val=2, test=3)


def save(file: Path, label: int, size=(40, 30), kind: str = 'JPEG') -> None:
    """Write an image of its label's colour, whatever the file's ending."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new('RGB', size, COLOURS[label % 3])
    image.save(file, kind, **(dict(quality=95) if kind == 'JPEG' else {}))


def labels_of(num_classes: int, split: str) -> list[int]:
    """Return the split's labels, classes in turn."""
    return [0, 1, num_classes - 1] * COUNTS[split]


def numbered(num_classes: int, *splits: str) -> Iterator[tuple]:
    """Yield (number from 1, split, label) of all images."""
    number = 0
    for split in splits:
        for label in labels_of(num_classes, split):
            number += 1
            yield number, split, label


def write_lines(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(f'{line}\n' for line in lines))


def write_mat(file: Path, **content) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    savemat(file, content)


def struct_array(**columns) -> np.ndarray:
    """Return a MATLAB struct array of one row."""
    rows = list(zip(*columns.values()))
    array = np.empty((1, len(rows)), [(name, object) for name in columns])
    array[0] = rows
    return array


def _pickle_cifar(file: Path, key: str, labels: list[int]) -> None:
    pixels = np.array([COLOURS[y % 3] for y in labels], np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    # One row per image: 1024 reds, 1024 greens, 1024 blues.
    content = {'data': pixels.repeat(1024, axis=1), key: labels}
    file.write_bytes(pickle.dumps(content, protocol=2))


def write_cifar10(root: Path) -> None:
    folder = root / 'cifar10/cifar-10-batches-py'
    labels = labels_of(10, 'train')
    for i in range(5):
        _pickle_cifar(folder / f'data_batch_{i + 1}', 'labels',
                      labels[3 * i:3 * i + 3])
    _pickle_cifar(folder / 'test_batch', 'labels', labels_of(10, 'test'))


def write_cifar100(root: Path) -> None:
    folder = root / 'cifar100/cifar-100-python'
    for split in ('train', 'test'):
        _pickle_cifar(folder / split, 'fine_labels', labels_of(100, split))


def write_food101(root: Path) -> None:
    folder = root / 'food-101'
    names = {0: 'apple_pie', 1: 'baby_back_ribs', 100: 'waffles'}
    lists = dict(train=[], test=[])
    for number, split, label in numbered(101, 'train', 'test'):
        lists[split].append(f'{names[label]}/{1000 + number}')
        save(folder / f'images/{lists[split][-1]}.jpg', label)
    for split, lines in lists.items():
        write_lines(folder / f'meta/{split}.txt', lines)


def write_sun397(root: Path) -> None:
    """Some of its files named .jpg are none."""
    folder = root / 'SUN397'
    names = {0: '/a/abbey', 1: '/a/airplane_cabin', 396: '/y/youth_hostel'}
    lists = dict(train=[], test=[])
    for number, split, label in numbered(397, 'train', 'test'):
        lists[split].append(f'{names[label]}/sun_a{number:02}.jpg')
        save(
            folder / f'SUN397{lists[split][-1]}',
            label,
            kind='GIF' if number % 2 else 'JPEG')
    write_lines(folder / 'Partitions/Training_01.txt', lists['train'])
    write_lines(folder / 'Partitions/Testing_01.txt', lists['test'])


def write_stanford_cars(root: Path) -> None:
    """The devkit's layout."""
    folder = root / 'Stanford_Cars'
    for split, file in (('train', 'cars_train_annos'),
                        ('test', 'cars_test_annos_withlabels')):
        labels = labels_of(196, split)
        names = [f'{i + 1:05}.jpg' for i in range(len(labels))]
        for name, label in zip(names, labels):
            save(folder / f'cars_{split}/{name}', label)
        write_mat(
            folder / f'devkit/{file}.mat',
            annotations=struct_array(
                **{'bbox_x1': [1] * len(labels)},
                **{'class': [label + 1 for label in labels]},
                fname=names))


def write_stanford_cars_in_one(root: Path) -> None:
    """The layout with all images in one folder."""
    folder = root / 'Stanford_Cars'
    images = list(numbered(196, 'train', 'test'))
    names = [f'car_ims/{number:06}.jpg' for number, _, _ in images]
    for name, (_, _, label) in zip(names, images):
        save(folder / name, label)
    write_mat(
        folder / 'cars_annos.mat',
        annotations=struct_array(
            relative_im_path=names,
            **{'class': [label + 1 for _, _, label in images]},
            test=[int(split == 'test') for _, split, _ in images]))


def write_fgvc_aircraft(root: Path) -> None:
    folder = root / 'fgvc-aircraft-2013b/data'
    names = {0: '707-320', 1: '727-200', 99: 'Yak-42'}
    lists = dict(train=[], val=[], test=[])
    for number, split, label in numbered(100, *lists):
        lists[split].append(f'{number:07} {names[label]}')
        save(folder / f'images/{number:07}.jpg', label)
    for split, lines in lists.items():
        write_lines(folder / f'images_variant_{split}.txt', lines)


def write_dtd(root: Path) -> None:
    folder = root / 'dtd'
    classes = {0: 'banded', 1: 'blotchy', 46: 'zigzagged'}
    images = list(numbered(47, 'train', 'val', 'test'))
    names = [f'{classes[y]}/{classes[y]}_{n:04}.jpg' for n, _, y in images]
    for name, (_, _, label) in zip(names, images):
        save(folder / 'images' / name, label)
    parts = ('train', 'val', 'test')
    write_mat(
        folder / 'imdb/imdb.mat',
        images={
            'name': np.array([names], object),
            'class': np.array([[label + 1 for _, _, label in images]]),
            'set': np.array([[parts.index(s) + 1 for _, s, _ in images]])
        })


def write_oxford_pets(root: Path) -> None:
    """Some of its files named .jpg are GIFs."""
    folder = root / 'Oxford-IIIT_Pets'
    names = {0: 'Abyssinian', 1: 'american_bulldog', 36: 'yorkshire_terrier'}
    lists = dict(train=[], test=[])
    for number, split, label in numbered(37, 'train', 'test'):
        lists[split].append(f'{names[label]}_{number} {label + 1} 1 1')
        save(
            folder / f'images/{names[label]}_{number}.jpg',
            label,
            kind='GIF' if number % 2 else 'JPEG')
    write_lines(folder / 'annotations/trainval.txt', lists['train'])
    write_lines(folder / 'annotations/test.txt', lists['test'])


def write_caltech101(root: Path, images: int = 31) -> None:
    """All classes, the second with one image more."""
    for label, name in enumerate(CALTECH101_CATEGORIES):
        folder = root / 'caltech-101/101_ObjectCategories' / name
        save(folder / 'image_0001.jpg', label)
        content = (folder / 'image_0001.jpg').read_bytes()
        for i in range(1, images + (label == 1)):
            (folder / f'image_{i + 1:04}.jpg').write_bytes(content)


def write_flowers102(root: Path) -> None:
    """As in the original, an image's number says nothing about its split."""
    folder = root / 'Flowers102'
    images = list(numbered(102, 'test', 'train', 'val'))[::-1]
    labels, ids = [], dict(trnid=[], valid=[], tstid=[])
    keys = dict(train='trnid', val='valid', test='tstid')
    for i, (_, split, label) in enumerate(images, 1):
        save(folder / f'jpg/image_{i:05}.jpg', label)
        labels.append(label + 1)
        ids[keys[split]].append(i)
    write_mat(folder / 'imagelabels.mat', labels=np.array([labels]))
    write_mat(folder / 'setid.mat', **{
        key: np.array([numbers])
        for key, numbers in ids.items()
    })


#: By the name of the config.
WRITERS: dict[str, Callable[[Path], None]] = dict(
    cifar10=write_cifar10,
    cifar100=write_cifar100,
    food101=write_food101,
    sun397=write_sun397,
    stanford_cars=write_stanford_cars,
    fgvc_aircraft=write_fgvc_aircraft,
    dtd=write_dtd,
    oxford_pets=write_oxford_pets,
    caltech101=write_caltech101,
    flowers102=write_flowers102)


def accept_written_cifar(monkeypatch) -> None:
    """Let upstream's CIFAR classes read files other than the originals."""
    from mmpretrain.datasets import CIFAR10, CIFAR100
    for cls in (CIFAR10, CIFAR100):
        for name in ('train_list', 'test_list'):
            files = [[file, None] for file, _ in getattr(cls, name)]
            monkeypatch.setattr(cls, name, files)
