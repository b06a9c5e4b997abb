"""A student starts on complete labels alone, however it is started."""
import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from xlearner_mm.apis import write_pseudo_labels
from xlearner_mm.errors import UserError
from xlearner_mm.sources import leave_unformatted
from xlearner_mm.testing.students import IMAGES, write_student
from xlearner_mm.transfer import train

ROOT = Path(__file__).parents[2]


@pytest.fixture
def student(sources, tmp_path):
    """A student's config; its labels are not written."""
    return write_student(sources, tmp_path, score_thr=0.3)


@pytest.fixture(scope='module')
def written(written_sources, tmp_path_factory):
    """A student's config, and all its labels."""
    root = tmp_path_factory.mktemp('must')
    cfg = write_student(written_sources, root, score_thr=0.3)
    write_pseudo_labels(cfg)
    return cfg


def start(cfg: Config) -> None:
    """Start a training by MMEngine's own runner."""
    cfg = deepcopy(cfg)
    leave_unformatted(cfg)
    cfg.experiment_name, cfg.log_level = uuid4().hex, 'WARNING'
    Runner.from_cfg(cfg).train()


def refusal(cfg: Config, begin=start) -> str:
    """Return what a training says that does not start."""
    with pytest.raises(UserError) as error:
        begin(cfg)
    assert not list(Path(cfg.work_dir).glob('*.pth'))
    return str(error.value)


@pytest.mark.parametrize('begin', [
    start, lambda cfg: train(cfg, Path(cfg.work_dir)),
    lambda cfg: start(Config.fromfile(cfg.filename))
])
def test_without_labels_every_way_to_train_names_folder_and_command(
        student, begin):
    folder = Path(student.pseudo_labels.folder, 'animals')
    assert refusal(student, begin) == (
        f"pseudo labels of source 'animals' in {folder} are missing: 0 of 5 "
        'images are labelled; write them first:\n'
        f'    python tools/pseudo_label.py {student.filename}')


def test_after_an_interruption_it_says_how_far_the_labels_are(student):
    file = Path(student.pseudo_labels.data_root, sorted(IMAGES)[3])
    content = file.read_bytes()
    file.write_bytes(bytes(len(content)))
    with pytest.raises(UserError):
        write_pseudo_labels(student, chunk=2)
    file.write_bytes(content)
    assert 'are incomplete: 2 of 5 images are labelled' in refusal(student)


def test_the_sources_after_the_first_are_checked_too(student):
    student.pseudo_labels.teachers.stuff.score_thr = 1.0
    with pytest.raises(UserError, match='gives no label'):
        write_pseudo_labels(student)
    assert ("source 'stuff' in" in refusal(student)
            and 'incomplete: 5 of 5 images' in refusal(student))


def test_labels_of_another_threshold_are_refused(written):
    cfg = deepcopy(written)
    cfg.pseudo_labels.teachers.things.score_thr = 0.4
    assert "'things'" in refusal(cfg)
    assert 'made from something else (other score_thr)' in refusal(cfg)


def test_labels_of_another_checkpoint_are_refused(written, tmp_path):
    cfg = deepcopy(written)
    teacher = cfg.pseudo_labels.teachers.stuff
    state = torch.load(teacher.checkpoint)
    state['state_dict']['backbone.conv1.weight'][0] += 1
    torch.save(state, tmp_path / 'other.pth')
    teacher.checkpoint = str(tmp_path / 'other.pth')
    assert "'stuff'" in refusal(cfg)
    assert 'made from something else (other checkpoint)' in refusal(cfg)


def test_labels_of_another_val_pipeline_are_refused(written, tmp_path):
    cfg = deepcopy(written)
    teacher = cfg.pseudo_labels.teachers.animals
    text = Path(teacher.config).read_text()
    (tmp_path / 'other.py').write_text(
        f'{text}\n'
        "model['sources'][0]['val']['pipeline'][1]['scale'] = (64, 64)\n")
    teacher.config = str(tmp_path / 'other.py')
    assert 'made from something else (other config)' in refusal(cfg)


def test_labels_of_other_images_are_refused(student):
    write_pseudo_labels(student)
    student.pseudo_labels.images = ['a']
    assert 'made from something else (other images)' in refusal(student)


def test_the_same_labels_beside_moved_files_are_accepted(written, tmp_path):
    """The stamp holds contents, no paths."""
    cfg = deepcopy(written)
    for name, teacher in cfg.pseudo_labels.teachers.items():
        for key in ('config', 'checkpoint'):
            file = tmp_path / Path(teacher[key]).name
            file.write_bytes(Path(teacher[key]).read_bytes())
            teacher[key] = str(file)
    cfg.work_dir = str(tmp_path / 'run')
    start(cfg)
    assert Path(cfg.work_dir, 'iter_1.pth').exists()


@pytest.mark.parametrize(
    'damage', [
        lambda folder: next(folder.rglob('*.png')).unlink(), lambda folder:
        (folder / 'images.txt').write_text('a/0.png\n'), lambda folder:
        (folder / 'stats.json').unlink()
    ],
    ids=['a PNG is missing', 'a list is cut', 'stats are missing'])
def test_damaged_labels_are_refused_and_written_anew(student, damage):
    write_pseudo_labels(student)
    damage(Path(student.pseudo_labels.folder, 'stuff'))
    assert 'damaged: files are missing or changed' in refusal(student)
    write_pseudo_labels(student)
    start(student)
    assert Path(student.work_dir, 'iter_1.pth').exists()


@pytest.mark.slow
def test_the_commands_run(student):
    """Refused without traceback, labelled, trained: three processes."""

    def command(tool: str) -> subprocess.CompletedProcess:
        env = dict(os.environ, PYTHONPATH=str(ROOT))
        return subprocess.run(
            [sys.executable,
             str(ROOT / tool), student.filename],
            capture_output=True,
            text=True,
            cwd=Path(student.filename).parent,
            env=env)

    refused = command('tools/train.py')
    assert refused.returncode == 1
    assert 'pseudo labels' in refused.stderr
    assert 'tools/pseudo_label.py' in refused.stderr
    assert 'Traceback' not in refused.stderr
    labelled = command('tools/pseudo_label.py')
    assert labelled.returncode == 0, labelled.stderr
    for name in ('animals', 'things', 'stuff'):
        assert f'{name}: 0 of 5 images are labelled' in labelled.stdout
        stats = json.loads(
            Path(student.pseudo_labels.folder, name, 'stats.json').read_text())
        assert (f"{name}: {stats['kept']} {stats['unit']} kept, "
                f"{stats['dropped']} dropped") in labelled.stdout
    trained = command('tools/train.py')
    assert trained.returncode == 0, trained.stderr
    assert Path(student.work_dir, 'iter_1.pth').exists()
