import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from xlearner_mm.datasets.demo_scenes import (DEMO_CLASSES, DEMO_SETS,
                                              generate, generate_demo_data)
from xlearner_mm.datasets.demo_scenes.objects import (MIN_VISIBLE, SceneObject,
                                                      instance_ids,
                                                      visible_fractions)
from xlearner_mm.datasets.demo_scenes.shapes import SHAPES, shape_alpha
from xlearner_mm.datasets.demo_scenes.stamp import STAMP
from xlearner_mm.datasets.demo_scenes.streams import make_scenes
from xlearner_mm.datasets.demo_scenes.textures import (GROUNDS, MATERIALS,
                                                       texture_grid)

TINY = dict(
    image_size=32, num_train=14, num_val=12, num_transfer=13, num_test=12)
DET_SETS = [n for n, s in DEMO_SETS.items() if s.task == 'det']
SEG_SETS = [n for n, s in DEMO_SETS.items() if s.task == 'seg']
CLS_SETS = [n for n, s in DEMO_SETS.items() if s.task == 'cls']


def _digests(root: Path) -> dict[str, str]:
    """Digest of every file below ``root``, by relative path."""
    return {
        str(path.relative_to(root)):
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob('*')) if path.is_file()
    }


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return generate_demo_data(tmp_path_factory.mktemp('demo'), **TINY)


@pytest.fixture(scope='module')
def digests(data):
    return _digests(data.root)


def test_same_seed_gives_the_same_bytes(digests, tmp_path):
    generate_demo_data(tmp_path, **TINY)
    assert _digests(tmp_path) == digests


def test_other_seed_gives_other_images(digests, tmp_path):
    generate_demo_data(tmp_path, **TINY, seed=1)
    other = _digests(tmp_path)
    shared = [p for p in digests if p in other and p.endswith('.jpg')]
    assert shared
    assert all(digests[path] != other[path] for path in shared)


def test_splits_and_sets_share_no_image(digests):
    images = [value for p, value in digests.items() if p.endswith('.jpg')]
    assert len(set(images)) == len(images)


def test_longer_split_begins_with_the_shorter_one():
    short = [s.image for s in make_scenes('parts', 'train', 3, 32)]
    long = [s.image for s in make_scenes('parts', 'train', 5, 32)]
    assert all(np.array_equal(a, b) for a, b in zip(short, long))


def test_second_call_writes_nothing(data):
    before = {p: p.stat().st_mtime_ns for p in data.root.rglob('*')}
    assert generate_demo_data(data.root, **TINY) == data
    assert {p: p.stat().st_mtime_ns for p in data.root.rglob('*')} == before


def test_other_parameters_replace_every_file(digests, tmp_path):
    generate_demo_data(tmp_path, **dict(TINY, num_train=20, seed=3))
    generate_demo_data(tmp_path, **TINY)
    assert _digests(tmp_path) == digests


def test_interrupted_run_starts_again_cleanly(digests, tmp_path, monkeypatch):
    write_set = generate._write_set

    def stop_at_fabric(folder, *args):
        if folder.name == 'fabric':
            (folder / 'train').mkdir(parents=True)
            (folder / 'train' / '999999.jpg').write_bytes(b'half a file')
            raise KeyboardInterrupt
        write_set(folder, *args)

    with monkeypatch.context() as patch:
        patch.setattr(generate, '_write_set', stop_at_fabric)
        with pytest.raises(KeyboardInterrupt):
            generate_demo_data(tmp_path, **TINY)
    assert not json.loads((tmp_path / STAMP).read_text())['complete']
    generate_demo_data(tmp_path, **TINY)
    assert _digests(tmp_path) == digests


def test_removed_set_is_written_again(digests, tmp_path):
    generate_demo_data(tmp_path, **TINY)
    (tmp_path / 'parts').rename(tmp_path / 'elsewhere')
    generate_demo_data(tmp_path, **TINY)
    found = _digests(tmp_path)
    assert {p: found[p] for p in digests} == digests


def test_folder_of_another_origin_is_kept(tmp_path):
    photo = tmp_path / 'shapes' / 'mine.jpg'
    photo.parent.mkdir()
    photo.write_bytes(b'precious')
    with pytest.raises(FileExistsError, match='choose another root'):
        generate_demo_data(tmp_path, **TINY)
    assert photo.read_bytes() == b'precious'


@pytest.mark.parametrize('key, value', [('image_size', 16), ('num_train', 11),
                                        ('num_test', 0), ('seed', -1)])
def test_unusable_parameter_is_refused_before_writing(key, value, tmp_path):
    with pytest.raises(ValueError, match=f'{key}={value}'):
        generate_demo_data(tmp_path / 'new', **dict(TINY, **{key: value}))
    assert not (tmp_path / 'new').exists()


def test_number_of_images_is_as_reported(data):
    for name, splits in data.num_images.items():
        folder = data.root / name
        base = 'img_dir' if DEMO_SETS[name].task == 'seg' else '.'
        found = {s: len(list((folder / base / s).rglob('*.jpg')))
                 for s in splits}  # yapf: disable
        assert found == splits


def test_classes_txt_lists_the_classes(data):
    for name, classes in DEMO_CLASSES.items():
        lines = (data.root / name / 'classes.txt').read_text().splitlines()
        assert tuple(lines) == classes


@pytest.mark.parametrize('name', CLS_SETS)
def test_class_folders_in_sorted_order_are_the_classes(data, name):
    for split in data.num_images[name]:
        folders = sorted(p.name for p in (data.root / name / split).iterdir())
        assert tuple(folders) == DEMO_CLASSES[name]


@pytest.mark.parametrize('name', CLS_SETS)
def test_lead_is_the_largest_object_and_mostly_visible(name):
    demo_set = DEMO_SETS[name]
    for index, scene in enumerate(make_scenes(name, 'train', 30)):
        label = index % len(demo_set.classes)
        assert demo_set.class_of(*scene.lead.pair) == demo_set.classes[label]
        assert scene.lead.radius == max(o.radius for o in scene.objects)
        seen = visible_fractions(scene.objects, scene.ids)
        assert seen[scene.objects.index(scene.lead)] > .6


@pytest.mark.parametrize('name', DET_SETS)
@pytest.mark.parametrize('split', ['train', 'val'])
def test_coco_json_matches_its_images(data, name, split):
    coco = COCO(data.root / name / 'annotations' / f'{split}.json')
    names = [c['name'] for c in coco.loadCats(sorted(coco.getCatIds()))]
    assert tuple(names) == DEMO_CLASSES[name]
    assert min(coco.getCatIds()) == min(coco.getImgIds()) == 1
    assert sorted(coco.getAnnIds()) == list(range(1, len(coco.anns) + 1))
    for info in coco.imgs.values():
        image = cv2.imread(str(data.root / name / split / info['file_name']))
        assert image.shape == (info['height'], info['width'], 3)


@pytest.mark.parametrize('name', DET_SETS)
def test_boxes_are_tight_around_visible_pixels(data, name):
    coco = COCO(data.root / name / 'annotations' / 'train.json')
    num_images = data.num_images[name]['train']
    scenes = make_scenes(name, 'train', num_images, TINY['image_size'])
    for image_id, scene in enumerate(scenes, start=1):
        anns = coco.loadAnns(coco.getAnnIds(imgIds=image_id))
        assert len(anns) == len(scene.objects)
        for number, (ann, item) in enumerate(zip(anns, scene.objects), 1):
            rows, columns = np.nonzero(scene.ids == number)
            x, y = columns.min(), rows.min()
            assert ann['bbox'] == [
                x, y, columns.max() + 1 - x,
                rows.max() + 1 - y
            ]
            assert ann['area'] == len(rows)
            assert (coco.cats[ann['category_id']]['name'] ==
                    DEMO_SETS[name].class_of(*item.pair))


@pytest.mark.parametrize('name', DET_SETS)
def test_one_image_of_each_detection_split_has_no_box(data, name):
    for split in ('train', 'val'):
        coco = COCO(data.root / name / 'annotations' / f'{split}.json')
        empty = [i for i in coco.getImgIds() if not coco.getAnnIds(imgIds=i)]
        assert empty == [2]


def test_detection_images_differ_in_size():
    sizes = {s.ids.shape for s in make_scenes('parts', 'train', 14, 32)}
    assert len(sizes) > 5


@pytest.mark.parametrize('name', SEG_SETS)
def test_masks_are_single_channel_indices_or_ignore(data, name):
    allowed = {*range(len(DEMO_CLASSES[name])), 255}
    masks = sorted((data.root / name / 'ann_dir').rglob('*.png'))
    for path in masks:
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        image = data.root / name / 'img_dir' / path.parent.name / path.stem
        assert mask.dtype == np.uint8
        assert mask.shape == cv2.imread(f'{image}.jpg').shape[:2]
        assert set(np.unique(mask).tolist()) <= allowed
    assert len(masks) == sum(data.num_images[name].values())


@pytest.mark.parametrize('name', SEG_SETS)
def test_one_training_mask_is_all_ignore_and_one_image_is_odd(data, name):
    masks = [
        cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        for path in sorted((data.root / name / 'ann_dir' / 'train').iterdir())
    ]
    assert [i for i, m in enumerate(masks) if (m == 255).all()] == [1]
    odd = [i for i, m in enumerate(masks) if m.shape != (48, 48)]
    assert odd == [2]
    assert all(side % 2 for side in masks[2].shape)


@pytest.mark.parametrize('name', SEG_SETS)
def test_mask_names_what_is_visible(data, name):
    demo_set, classes = DEMO_SETS[name], np.array(DEMO_CLASSES[name])
    folder = data.root / name / 'ann_dir' / 'val'
    for index, scene in enumerate(make_scenes(name, 'val', 12, 32)):
        mask = cv2.imread(
            str(folder / f'{index:06d}.png'), cv2.IMREAD_UNCHANGED)
        labelled = mask != 255
        assert .4 < labelled.mean() < 1.
        for y, x in np.argwhere(labelled)[::7]:
            number = scene.ids[y, x]
            expected = (
                demo_set.class_of(*scene.objects[number - 1].pair) if number
                else demo_set.ground_of(list(GROUNDS)[scene.grounds[y, x]]))
            assert classes[mask[y, x]] == expected


def test_transfer_classes_never_occur_in_the_sources():
    sources = [n for n, s in DEMO_SETS.items() if not s.transfer]
    seen = [
        item for name in sources for split in ('train', 'val')
        for scene in make_scenes(name, split, 40, 32) for item in scene.objects
    ]
    seen_shapes = {item.shape for item in seen}
    seen_materials = {item.material for item in seen}
    seen_names = {c for name in sources for c in DEMO_CLASSES[name]}
    for name in ('down_det', 'down_seg'):
        new = set(DEMO_CLASSES[name]) - {'background'}
        assert len(new) == 6 and not new & (seen_shapes | seen_names)
    for label in DEMO_CLASSES['down_cls']:
        shape, material = label.split('_')
        assert shape not in seen_shapes and material not in seen_materials


def test_hidden_objects_leave_the_scene():
    for scene in make_scenes('parts', 'train', 40):
        seen = visible_fractions(scene.objects, scene.ids)
        assert (seen >= MIN_VISIBLE).all()


def test_object_outside_of_the_image_is_invisible():
    item = SceneObject('circle', 'flat', centre=(-90, 200), radius=8.)
    assert not instance_ids([item], (32, 40)).any()


def test_later_object_hides_the_earlier_one():
    back = SceneObject('square', 'flat', centre=(16, 16), radius=12.)
    front = SceneObject('circle', 'flat', centre=(16, 16), radius=6.)
    ids = instance_ids([back, front], (33, 33))
    assert ids[16, 16] == 2 and ids[16, 7] == 1 and ids[0, 0] == 0


@pytest.mark.parametrize('shape', SHAPES)
def test_shape_turns_about_its_origin(shape):
    upright = shape_alpha(shape, radius=14., angle=0., aspect=1.)
    turned = shape_alpha(shape, radius=14., angle=np.pi / 2, aspect=1.)
    gap = np.abs(np.rot90(upright, k=-1).astype(int) - turned)
    assert gap.mean() < 4.  # a quarter of a pixel along the outline
    assert not upright[[0, -1]].any() and not upright[:, [0, -1]].any()


@pytest.mark.parametrize('name', [*MATERIALS, *GROUNDS])
def test_texture_stays_between_its_two_colours(name):
    texture = {**MATERIALS, **GROUNDS}[name]
    u, v = texture_grid((37, 50), angle=.3, period=6.)
    amount = texture(u, v, np.random.default_rng(0))
    assert amount.shape == (37, 50) and amount.dtype == np.float32
    assert amount.min() >= 0. and amount.max() <= 1.
    assert name == 'flat' or np.ptp(amount) > .5
