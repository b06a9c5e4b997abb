"""MuST's demo config: what it says, and its chain on tiny scenes."""
from pathlib import Path
from uuid import uuid4

import pytest
from mmengine.runner import Runner

from xlearner_mm.apis import load_config, write_pseudo_labels
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.datasets.pseudo_labels import PseudoLabels
from xlearner_mm.sources import check_copies
from xlearner_mm.systems import images_seen

CONFIGS = Path(__file__).parents[1] / 'configs/demo'
STUDENT = 'must_r18_demo-cls2-det2'
SOURCES = ['shapes', 'materials', 'parts', 'fabric']


def load(name: str, options: dict | None = None):
    """Load a config by its name."""
    return load_config(str(CONFIGS / f'{name}.py'), options)


def test_config_says_how_it_is_run():
    text = (CONFIGS / f'{STUDENT}.py').read_text()
    for tool in ('train', 'pseudo_label'):
        assert f'python tools/{tool}.py configs/demo/{STUDENT}.py' in text
    assert len(text.splitlines()) <= 40
    check_copies(load(STUDENT))


def test_student_is_the_hard_sharing_run_on_other_labels():
    student, other = load(STUDENT), load('hard-sharing_r18_demo-cls2-det2')
    assert [s.name for s in student.sources] == SOURCES
    assert images_seen(student) == images_seen(other)
    for one, two in zip(student.sources, other.sources, strict=True):
        assert one.train.pipeline == two.train.pipeline
        del one['train'], two['train']
    assert student.sources == other.sources
    for key in ('optim_wrapper', 'param_scheduler', 'train_cfg'):
        assert student[key] == other[key]


def test_teachers_are_the_ends_of_the_single_source_runs():
    plan = PseudoLabels.from_config(load(STUDENT))
    assert list(plan.teachers) == SOURCES
    for name, teacher in plan.teachers.items():
        run = f'single-source-{name}_r18_demo'
        iters = load(run).train_cfg.max_iters
        assert Path(teacher.config) == CONFIGS / f'{run}.py'
        assert teacher.checkpoint == f'work_dirs/{run}/iter_{iters}.pth'


def test_labels_go_below_the_folder_that_a_variable_names(monkeypatch):
    monkeypatch.setenv('XLEARNER_PSEUDO_LABELS', '/elsewhere')
    cfg = load(STUDENT)
    assert cfg.pseudo_labels.folder == f'/elsewhere/{STUDENT}'
    for source in cfg.sources:
        folder = f'{cfg.pseudo_labels.folder}/{source.name}/'
        assert source.train.ann_file.startswith(folder)


def run(cfg, work_dir: Path) -> Runner:
    """Train one iteration of two images of each source."""
    for source in cfg.sources:
        source.batch_size = 2
    cfg.train_cfg.max_iters, cfg.log_level = 1, 'WARNING'
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


@pytest.mark.smoke
def test_teachers_label_and_the_student_trains(tmp_path, monkeypatch):
    few = dict(num_train=12, num_val=12, num_transfer=12, num_test=12)
    generate_demo_data(tmp_path / 'data', **few)
    monkeypatch.setenv('XLEARNER_DEMO_DATA', str(tmp_path / 'data'))
    monkeypatch.setenv('XLEARNER_PSEUDO_LABELS', str(tmp_path))
    options = {}
    for name in SOURCES:
        teacher = load(f'single-source-{name}_r18_demo')
        run(teacher, tmp_path / name)
        file, = (tmp_path / name).glob('single-source-*.py')
        options[f'pseudo_labels.teachers.{name}'] = dict(
            config=str(file),
            checkpoint=str(tmp_path / name / 'iter_1.pth'),
            score_thr=0.0)
    student = load(STUDENT, options)
    stats = write_pseudo_labels(student)
    assert [s['images'] for s in stats.values()] == [48] * 4
    runner = run(student, tmp_path / 'student')
    for name in SOURCES:
        loss = runner.message_hub.get_scalar(f'train/{name}.loss').current()
        assert 0 < loss < 100
