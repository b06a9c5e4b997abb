"""Labels are written once, go on after an interruption, and say no."""
import re
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.apis import write_pseudo_labels
from xlearner_mm.errors import UserError
from xlearner_mm.testing.students import IMAGES, write_student


@pytest.fixture
def student(sources, tmp_path):
    """A student's config; its labels are not written."""
    return write_student(sources, tmp_path, score_thr=0.3)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and time of change of all files but the lock."""
    return {
        str(file.relative_to(folder)):
        (file.read_bytes(), file.stat().st_mtime_ns)
        for file in folder.rglob('*') if file.is_file() and file.name != 'lock'
    }


def spoilt(cfg: Config, path: str) -> tuple[Path, bytes]:
    """Replace an image by zeros of its size; return file and content."""
    file = Path(cfg.pseudo_labels.data_root, path)
    content = file.read_bytes()
    file.write_bytes(bytes(len(content)))
    return file, content


@pytest.mark.parametrize('chunk', [1, 2, 3])
def test_an_interrupted_call_goes_on_and_equals_an_unbroken_one(
        student, chunk, capsys):
    folder = Path(student.pseudo_labels.folder)
    write_pseudo_labels(student)
    unbroken = contents(folder)
    folder.rename(folder.with_name('unbroken'))
    file, content = spoilt(student, sorted(IMAGES)[3])
    with pytest.raises(UserError, match=re.escape(f'fails on {file}')):
        write_pseudo_labels(student, chunk)
    assert not (folder / 'animals').exists()
    file.write_bytes(content)
    capsys.readouterr()
    write_pseudo_labels(student, chunk)
    done = 3 // chunk * chunk
    assert f'animals: {done} of 5 images are labelled' in (
        capsys.readouterr().out)
    resumed = contents(folder)
    assert resumed.keys() == unbroken.keys()
    for name, (data, _) in resumed.items():
        assert data == unbroken[name][0], name


def test_a_second_call_changes_nothing_and_returns_the_same(student):
    folder = Path(student.pseudo_labels.folder)
    stats, files = write_pseudo_labels(student), contents(folder)
    assert write_pseudo_labels(student) == stats
    assert contents(folder) == files


def test_another_threshold_makes_one_sources_labels_anew(student):
    folder = Path(student.pseudo_labels.folder)
    stats, files = write_pseudo_labels(student), contents(folder)
    student.pseudo_labels.teachers.things.score_thr = 0.6
    assert (write_pseudo_labels(student)['things']['kept']
            < stats['things']['kept'])
    changed = {k for k, v in contents(folder).items() if v != files[k]}
    assert changed == {
        f'things/{name}'
        for name in ('annotations.json', 'stamp.json', 'stats.json')
    }


def test_old_labels_stay_until_the_new_ones_are_complete(student):
    folder = Path(student.pseudo_labels.folder)
    write_pseudo_labels(student)
    files = contents(folder / 'animals')
    student.pseudo_labels.teachers.animals.score_thr = 0.99999
    file, _ = spoilt(student, sorted(IMAGES)[3])
    with pytest.raises(UserError):
        write_pseudo_labels(student, 1)
    assert contents(folder / 'animals') == files


def test_what_was_left_by_a_kill_at_the_last_step_does_no_harm(student):
    """The files were moved, the rest of the draft was not removed."""
    folder = Path(student.pseudo_labels.folder)
    write_pseudo_labels(student)
    before = [(k, data) for k, (data, _) in contents(folder).items()]
    draft = folder / 'stuff.part'
    (draft / 'chunks').mkdir(parents=True)
    for part in ('stamp.json', 'chunks/000000000-000000005.json'):
        (draft / part).write_bytes((folder / 'stuff/stamp.json').read_bytes())
    (folder / 'stuff/images.txt').unlink()
    write_pseudo_labels(student)
    after = [(k, data) for k, (data, _) in contents(folder).items()]
    assert sorted(after) == sorted(before)


def test_a_folder_of_others_is_never_replaced(student):
    folder = Path(student.pseudo_labels.folder, 'animals')
    folder.mkdir(parents=True)
    (folder / 'mine.txt').write_text('of value')
    with pytest.raises(UserError, match='animals holds no labels of ours'):
        write_pseudo_labels(student)
    assert (folder / 'mine.txt').read_text() == 'of value'


@pytest.mark.parametrize('name', ['animals', 'things', 'stuff'])
def test_no_label_at_all_is_an_error_with_the_remedy(student, name):
    student.pseudo_labels.teachers[name].score_thr = 1.0
    message = (rf"'{name}': its teacher gives no label, 0 \w+ kept, \d+ "
               'dropped; 5 of 5 images .* lower score_thr, or train')
    for _ in range(2):
        with pytest.raises(UserError, match=message):
            write_pseudo_labels(student)
    assert not Path(student.pseudo_labels.folder, name).exists()


def entry(**kwargs):
    """Return a change of `pseudo_labels`."""
    return lambda cfg: cfg.pseudo_labels.update(kwargs)


def teacher(**kwargs):
    """Return a change of the teacher of 'animals'."""
    return lambda cfg: cfg.pseudo_labels.teachers.animals.update(kwargs)


def train_of(place, **kwargs):
    """Return a change of a source's train dataset."""
    return lambda cfg: cfg.model.sources[place].train.update(kwargs)


@pytest.mark.parametrize('change, message', [
    (lambda cfg: cfg.pop('pseudo_labels'), 'no `pseudo_labels` in it'),
    (entry(thr=1), r"\['thr'\] are missing or unknown"),
    (lambda cfg: cfg.pseudo_labels.pop('images'), r"\['images'\] are missing"),
    (entry(images=['a', 'nowhere']), 'no image in .*nowhere'),
    (entry(folder='elsewhere'),
     r"'animals': its train dataset reads \['/.*labels.txt', '/.*classes.txt'"
     r'\], but its labels are written to elsewhere/animals'),
    (train_of(0, classes='mine.txt'), r"reads \['mine.txt'\], but"),
    (train_of(0, ann_file='', classes=None), "'animals': .* no annotations"),
    (train_of(2, data_prefix=dict(seg_map_path='maps')),
     r"'stuff': its train dataset reads \['.*maps'\], but"),
    (entry(images=['../elsewhere']), 'elsewhere is not below data_root='),
    (entry(images=['.'], data_root='/'), 'labels is in /.*choose a folder'),
    (teacher(score_thr=50), 'score_thr=50 is no probability'),
    (teacher(weight=1), r"teachers.animals: \['weight'\] are missing or unkn"),
    (teacher(config='no.py'), 'no config of a teacher at no.py'),
    (teacher(checkpoint='no.pth'), 'no checkpoint of a teacher at no.pth; '
     r'train it first:\n.*tools/train.py .*animals.py'),
    (lambda cfg: cfg.pseudo_labels.teachers.update(
        plants=cfg.pseudo_labels.teachers.animals), "no source 'plants'"),
    (lambda cfg: cfg.pseudo_labels.teachers.animals.update(
        config=cfg.pseudo_labels.teachers.stuff.config),
     r"no source 'animals' among \['stuff'\]"),
    (lambda cfg: cfg.pseudo_labels.teachers.animals.update(
        checkpoint=cfg.pseudo_labels.teachers.stuff.checkpoint),
     r'stuff.pth does not fit .*animals.py'),
])  # yapf: disable
def test_what_cannot_be_labelled_is_refused(student, change, message):
    change(student)
    with pytest.raises(UserError, match=message):
        write_pseudo_labels(student)
