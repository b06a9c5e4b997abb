"""Categories are read from files of any size, at little cost."""
import json
import os
from pathlib import Path

import pytest

from xlearner_mm.doctor.annotation_files import categories_of, count_images

CATEGORIES = [
    dict(id=i, name=f'thing [{i}] "categories": [') for i in range(9)
]
PROC = Path('/proc/self/io')


@pytest.fixture(scope='module')
def large(tmp_path_factory):
    """Write 30 MB of images and boxes, as COCO orders them."""
    file = tmp_path_factory.mktemp('coco') / 'large.json'
    image = json.dumps(dict(id=1, file_name='x' * 90, width=640, height=480))
    with open(file, 'w') as stream:
        stream.write('{"info": {}, "images": [' + image)
        for _ in range(200_000):
            stream.write(', ' + image)
        stream.write('], "annotations": [], "categories": '
                     f'{json.dumps(CATEGORIES)}}}')
    assert file.stat().st_size > 25 << 20
    return file


def bytes_read() -> int:
    """Count the bytes that this process has read so far."""
    return int(PROC.read_text().split()[1])


@pytest.mark.skipif(not PROC.exists(), reason='Linux counts what is read')
def test_of_a_large_file_only_the_ends_are_read(large):
    before = bytes_read()
    assert categories_of(large, budget=1 << 16) == CATEGORIES
    assert bytes_read() - before < 3 << 16


@pytest.mark.skipif(not PROC.exists(), reason='Linux counts what is read')
def test_the_whole_examination_reads_no_more(large, config, find):
    config.sources[1].train.ann_file = str(large)
    find(config)  # imports
    before = bytes_read()
    find(config)
    assert bytes_read() - before < os.path.getsize(large) // 2


def test_categories_in_front_are_found(tmp_path):
    file = tmp_path / 'front.json'
    file.write_text(
        json.dumps(dict(categories=CATEGORIES, images=[dict(id=1)] * 9000)))
    assert categories_of(file, budget=1 << 12) == CATEGORIES


def test_categories_beyond_the_budget_are_not_found(tmp_path):
    file = tmp_path / 'middle.json'
    filler = [dict(id=1)] * 900
    file.write_text(
        json.dumps(
            dict(images=filler, categories=CATEGORIES, annotations=filler)))
    assert categories_of(file, budget=1 << 10) is None


@pytest.mark.parametrize(
    'text',
    ['', '[1, 2]', '{"categories": [1, 2]}', '{"categories": [{"id": 1'])
def test_other_files_have_none(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    assert categories_of(tmp_path / 'a.json') is None


def test_images_of_small_files_alone_are_counted(large, tmp_path):
    (tmp_path / 'a.json').write_text(json.dumps(dict(images=[1, 2, 3])))
    assert count_images(tmp_path / 'a.json') == 3
    assert count_images(large) is None
