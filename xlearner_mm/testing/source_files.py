"""Small files in the formats of the paper's ten sources, for tests.

Each `write_<source>(root)` fills the folder that the source's config names
(`configs/_base_/sources/`) with a few images and complete lists of classes.
"""
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

#: Height and width of the images, in pixels.
SHAPE = (72, 96)
NUM_IMAGES = 3  # per split


def write_all(root: Path) -> None:
    """Write all ten sources below `root`."""
    write_imagenet(root / 'imagenet')
    write_places365(root / 'places365')
    write_inat2021(root / 'inat2021')
    write_compcars(root / 'compcars')
    write_tsinghua_dogs(root / 'tsinghua_dogs')
    write_coco(root / 'coco')
    write_objects365(root / 'objects365v1')
    write_wider_face(root / 'wider_face')
    write_ade20k(root / 'ade/ADEChallengeData2016')
    write_coco_stuff(root / 'coco_stuff164k')


def write_imagenet(root: Path) -> None:
    """Write images in class folders, and lists `folder/file label`."""
    for split in ('train', 'val'):
        lines = []
        for i, label in enumerate((0, 7, 999)):
            path = f'n{label:08d}/{split}_{i}.JPEG'
            write_image(root / split / path, i)
            lines.append(f'{path} {label}')
        write_lines(root / f'meta/{split}.txt', lines)


def write_places365(root: Path) -> None:
    """Write the three official lists and their images."""
    names = [f'/{chr(97 + i % 26)}/scene_{i:03d}' for i in range(365)]
    write_lines(root / 'categories_places365.txt',
                [f'{name} {i}' for i, name in enumerate(names)])
    train = [f'{names[i]}/0000000{i}.jpg' for i in (0, 4)]
    train += [f'{names[364]}/00000003.jpg']
    val = [f'Places365_val_0000000{i}.jpg' for i in (1, 2, 3)]
    for paths, folder, file in ((train, 'data_256', 'train_challenge'),
                                (val, 'val_256', 'val')):
        for i, path in enumerate(paths):
            write_image(root / folder / path.lstrip('/'), i)
        write_lines(
            root / f'places365_{file}.txt',
            [f'{path} {label}' for path, label in zip(paths, (0, 4, 364))])


def write_inat2021(root: Path) -> None:
    """Write both JSON files, with all 10,000 categories."""
    categories = [
        dict(
            id=i,
            name=f'Species {i % 9000}',  # some names are used twice
            image_dir_name=f'{i:05d}_Animalia_{i}') for i in range(10000)
    ]
    for split in ('train', 'val'):
        images, annotations = [], []
        for i, label in enumerate((9999, 0, 321)):
            path = f"{split}/{categories[label]['image_dir_name']}/{i}.jpg"
            write_image(root / path, i)
            height, width = SHAPE
            images.append(
                dict(id=70 + i, width=width, height=height, file_name=path))
            annotations.append(dict(id=i, image_id=70 + i, category_id=label))
        write_json(
            root / f'{split}.json',
            dict(
                images=images, annotations=annotations, categories=categories))


def write_compcars(root: Path) -> None:
    """Write the official lists: 431 models, whose ids have gaps."""
    paths = [f'{1 + i % 163}/{3 * i + 1}/2014/{i:06x}.jpg' for i in range(431)]
    _write_path_lists(root / 'image', paths,
                      root / 'train_test_split/classification',
                      ('train.txt', 'test.txt'))


def write_tsinghua_dogs(root: Path) -> None:
    """Write the official lists: 130 breeds."""
    paths = [
        f'.//{200 + 7 * i % 50}-n{i + 1:06d}-breed_{i}/n{1000 + i}.jpg'
        for i in range(130)
    ]
    _write_path_lists(root / 'low-resolution', paths, root / 'TrainAndValList',
                      ('train.lst', 'validation.lst'))


def write_coco(root: Path) -> None:
    """Write COCO 2017's files, with ids of categories that have gaps."""
    from mmdet.datasets import CocoDataset
    names = CocoDataset.METAINFO['classes']
    categories = [
        dict(id=i + 1 + i // 11, name=n) for i, n in enumerate(names)
    ]
    for split in ('train2017', 'val2017'):
        write_coco_json(root / f'annotations/instances_{split}.json',
                        root / split, categories)


def write_objects365(root: Path) -> None:
    """Write version 1, whose two files list the categories differently."""
    from mmdet.datasets import Objects365V1Dataset
    categories = [
        dict(id=i + 1, name=n)
        for i, n in enumerate(Objects365V1Dataset.METAINFO['classes'])
    ]
    for split, order in (('train', categories), ('val', categories[::-1])):
        write_coco_json(root / f'annotations/objects365_{split}.json',
                        root / split, order)


def write_wider_face(root: Path) -> None:
    """Write images and lists, and convert the lists to COCO JSON."""
    from ..datasets.converters import convert_wider_face
    for split in ('train', 'val'):
        images = root / f'WIDER_{split}/images'
        ann_file = root / f'wider_face_split/wider_face_{split}_bbx_gt.txt'
        lines = []
        for i, faces in enumerate(
            (['9 7 20 25 0 0 0 0 0 0 '] * 2, ['60 40 30 20 1 0 0 0 2 0 '],
             ['5 5 40 41 0 0 0 0 0 0 '])):
            path = f'0--Parade/0_Parade_{i}.jpg'
            write_image(images / path, i)
            lines += [path, str(len(faces)), *faces]
        write_lines(ann_file, lines)
        convert_wider_face(ann_file, images,
                           root / f'annotations/{split}.json')


def write_ade20k(root: Path) -> None:
    """Write index PNGs in [0, 150], 0 being no class."""
    for split in ('training', 'validation'):
        _write_masks(root, split, '.png', range(151))


def write_coco_stuff(root: Path) -> None:
    """Write index PNGs in [0, 170] and 255."""
    for split in ('train2017', 'val2017'):
        _write_masks(root, split, '_labelTrainIds.png', [*range(171), 255])


def write_coco_json(file: Path, folder: Path,
                    categories: Sequence[dict]) -> None:
    """Write images with a box and a triangle in it each.

    Of the first and last categories.
    """
    by_id = sorted(c['id'] for c in categories)
    height, width = SHAPE
    images, annotations = [], []
    for i in range(NUM_IMAGES):
        write_image(folder / f'{i}.jpg', i)
        images.append(
            dict(id=i + 1, file_name=f'{i}.jpg', width=width, height=height))
        annotations.append(
            dict(
                id=i + 1,
                image_id=i + 1,
                category_id=by_id[-(i % 2)],
                bbox=[6 + i, 8, 50, 40],
                segmentation=[[6 + i, 8, 56 + i, 8, 6 + i, 48]],
                area=2000,
                iscrowd=0))
    write_json(
        file,
        dict(images=images, annotations=annotations, categories=categories))


def write_image(file: Path, seed: int) -> None:
    """Write noise in blocks of eight pixels."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (SHAPE[0] // 8, SHAPE[1] // 8, 3))
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(
        str(file),
        np.kron(blocks, np.ones((8, 8, 1))).astype(np.uint8))


def write_lines(file: Path, lines: Sequence[str]) -> None:
    """Write a text file, folders included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(line + '\n' for line in lines))


def write_json(file: Path, content: dict) -> None:
    """Write a JSON file, folders included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def _write_path_lists(images: Path, paths: Sequence[str], lists: Path,
                      files: tuple[str, str]) -> None:
    """List all paths for training, the last three for validation."""
    for i, path in enumerate(paths):
        write_image(images / path, i)
    write_lines(lists / files[0], paths)
    write_lines(lists / files[1], paths[-NUM_IMAGES:])


def _write_masks(root: Path, split: str, suffix: str,
                 labels: Sequence[int]) -> None:
    rng = np.random.default_rng(5)
    (root / 'annotations' / split).mkdir(parents=True, exist_ok=True)
    for i in range(NUM_IMAGES):
        write_image(root / 'images' / split / f'{i}.jpg', i)
        mask = rng.choice(np.array(labels), SHAPE).astype(np.uint8)
        cv2.imwrite(str(root / 'annotations' / split / f'{i}{suffix}'), mask)
