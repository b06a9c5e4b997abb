"""X-Learner++'s demo configs, in a row: teachers, expansion, squeeze."""
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from mmengine.runner import Runner

from xlearner_mm.apis import export_backbone, load_config
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.sources import check_copies

pytestmark = pytest.mark.smoke
CONFIGS = Path(__file__).parents[1] / 'configs/demo'
SOURCES = ['shapes', 'materials', 'parts', 'fabric']
STAGES = [
    *(f'single-source-{name}_r18_demo' for name in SOURCES),
    'xlearner_pp-expansion_r18_demo-cls2-det2',
    'xlearner_pp-squeeze_r18_demo-cls2-det2'
]
TEACHERS = 'model.pre_distillation.teachers'


def run(name: str, root: Path, iters: int = 1, **options) -> Runner:
    """Train a config's first iterations on the tiny scenes."""
    cfg = load_config(
        str(CONFIGS / f'{name}.py'), {
            'train_cfg.max_iters': iters,
            **options
        })
    for source in cfg.sources:
        source['batch_size'] = 2
    cfg.pop('val_cfg', None), cfg.pop('val_dataloader', None)
    cfg.pop('val_evaluator', None)
    cfg.work_dir, cfg.experiment_name = str(root / name), uuid4().hex
    cfg.log_level = 'WARNING'
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """The runner of every stage, each from the checkpoints before it."""
    root = tmp_path_factory.mktemp('plusplus')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XLEARNER_DEMO_DATA', str(root / 'data'))
        generate_demo_data(
            root / 'data',
            num_train=12,
            num_val=12,
            num_transfer=12,
            num_test=12)
        runners = {name: run(name, root) for name in STAGES[:4]}
        files = {
            f'{TEACHERS}.{source}.init_cfg.checkpoint':
            str(root / f'single-source-{source}_r18_demo/iter_1.pth')
            for source in SOURCES
        }
        runners[STAGES[4]] = run(STAGES[4], root, 2,
                                 **{'train_cfg.join_iter': 1}, **files)
        expanded = str(root / STAGES[4] / 'iter_2.pth')
        runners[STAGES[5]] = run(
            STAGES[5], root, **{'model.teacher.init_cfg.checkpoint': expanded})
    return runners


@pytest.mark.parametrize('name', STAGES)
def test_config_loads_with_a_docstring(name):
    file = CONFIGS / f'{name}.py'
    cfg, text = load_config(str(file)), file.read_text()
    check_copies(cfg)
    assert text.startswith('r"""') and f'configs/demo/{name}.py' in text
    assert 'docs/en/results_small.md' in text
    assert len(text.splitlines()) <= 40
    names = [source['name'] for source in cfg.sources]
    assert names == SOURCES or names == [name.split('-')[2].split('_')[0]]


def test_the_teachers_are_the_runs_of_the_single_source_configs():
    cfg = load_config(str(CONFIGS / f'{STAGES[4]}.py'))
    teachers = cfg.model.pre_distillation.teachers
    assert list(teachers) == SOURCES
    for source, teacher in teachers.items():
        name = f'single-source-{source}_r18_demo'
        own = load_config(str(CONFIGS / f'{name}.py'))
        assert teacher.init_cfg.checkpoint == (
            f'work_dirs/{name}/iter_{own.train_cfg.max_iters}.pth')
        assert {
            k: v
            for k, v in teacher.items() if k != 'init_cfg'
        } == own.model.backbone


def test_the_expansion_has_a_hint_for_every_source(trained):
    runner = trained[STAGES[4]]
    scalars = runner.message_hub.log_scalars
    for source in SOURCES:
        assert scalars[f'train/{source}.pre_hint_loss'].current() > 0
        expected = trained[f'single-source-{source}_r18_demo'].model.backbone
        teacher = runner.model.pre_distillation.teachers[source]
        for key, value in expected.state_dict().items():
            assert torch.equal(teacher.state_dict()[key], value), key


def test_the_squeeze_starts_from_it_and_exports_a_plain_resnet(
        trained, tmp_path):
    squeeze, expansion = trained[STAGES[5]], trained[STAGES[4]]
    expected = expansion.model.backbone.state_dict()
    for key, value in squeeze.model.teacher.state_dict().items():
        assert torch.equal(value, expected[key]), key
    exported = export_backbone(f'{squeeze.work_dir}/iter_1.pth',
                               str(tmp_path / 'student.pth'))
    state = squeeze.model.student.state_dict()
    assert exported.state_dict.keys() == state.keys()
