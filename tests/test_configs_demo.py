"""The variants' demo configs: chains of one iteration on generated scenes."""
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from mmengine.runner import Runner

from xlearner_mm.apis import load_config
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.registry import MODELS
from xlearner_mm.sources import check_copies
from xlearner_mm.systems import images_seen
from xlearner_mm.testing.runs import differences

CONFIGS = Path(__file__).parents[1] / 'configs/demo'
TASKS = ('cls', 'det')
#: The runs of each variant, in order.
CHAINS = dict(
    xlearner_t=['expansion', 'squeeze'],
    **{'xlearner_no-rec': ['expansion', 'squeeze']},
    xlearner_r=['teachers', *(f'squeeze-{t}' for t in TASKS), 'expansion'])
#: By test_configs_xlearner_pp.py and test_smoke_demo.py.
TESTED_ELSEWHERE = ('xlearner_pp-', 'xlearner_p-')
SETTING = 'r18_demo-cls2-det2'
RUNS = [
    f'{variant}-{run}_{SETTING}' for variant, runs in CHAINS.items()
    for run in runs
]


def load(name: str, options: dict | None = None):
    """Load a config by its name."""
    return load_config(str(CONFIGS / f'{name}.py'), options)


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """Where the runs go; they read tiny data by XLEARNER_DEMO_DATA."""
    root = tmp_path_factory.mktemp('demo')
    few = dict(num_train=12, num_val=12, num_transfer=12, num_test=12)
    generate_demo_data(root / 'data', **few)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XLEARNER_DEMO_DATA', str(root / 'data'))
        yield root


def train(name: str, work: Path, **options) -> Runner:
    """Train a config for one iteration of two images of each source."""
    found = {
        f'sources.{i}.batch_size': 2
        for i in range(len(load(name).sources))
    }
    found.update({'train_cfg.max_iters': 1, **options})
    cfg = load(name, found)
    if 'join_iter' in cfg.train_cfg:
        cfg.train_cfg.join_iter = min(cfg.train_cfg.join_iter, 1)
    cfg.work_dir, cfg.experiment_name = str(work / name), uuid4().hex
    cfg.log_level = 'WARNING'
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def written(name: str, work: Path) -> str:
    """Return the checkpoint of a run."""
    return str(work / name / 'iter_1.pth')


def losses(runner: Runner) -> dict:
    """Return what the run logged."""
    return {
        k.removeprefix('train/'): v.current()
        for k, v in runner.message_hub.log_scalars.items()
    }


def test_every_variant_of_the_demo_is_listed():
    found = {f.stem for f in CONFIGS.glob('xlearner_*.py')}
    elsewhere = {f for f in found if f.startswith(TESTED_ELSEWHERE)}
    assert set(RUNS) == found - elsewhere


@pytest.mark.parametrize('name', RUNS)
def test_config_builds_and_says_how_it_is_run(name):
    text = (CONFIGS / f'{name}.py').read_text()
    assert text.startswith('r"""') and f'configs/demo/{name}.py' in text
    assert len(text.splitlines()) <= 40
    cfg = load(name)
    check_copies(cfg)
    assert MODELS.build(cfg.model)


@pytest.mark.parametrize('variant', CHAINS)
def test_every_variant_sees_as_many_images_as_the_other_methods(variant):
    names = [n for n in RUNS if n.startswith(f'{variant}-')]
    assert sum(images_seen(load(n)) for n in names) == 76_800


@pytest.mark.parametrize('name', RUNS)
def test_checkpoints_are_where_the_runs_before_write_them(name):
    model = load(name).model
    files = list((model.get('task_checkpoints') or {}).values())
    files += [model.teacher.init_cfg.checkpoint] if 'teacher' in model else []
    for file in map(Path, files):
        iters = load(file.parent.name).train_cfg.max_iters
        assert file == Path('work_dirs', file.parent.name, f'iter_{iters}.pth')


@pytest.mark.smoke
@pytest.mark.parametrize('variant', ['xlearner_t', 'xlearner_no-rec'])
def test_expansion_and_squeeze_run(work, variant):
    first, second = (f'{variant}-{r}_{SETTING}' for r in CHAINS[variant])
    expansion = train(first, work, **{'train_cfg.join_iter': 0})
    squeeze = train(
        second, work,
        **{'model.teacher.init_cfg.checkpoint': written(first, work)})
    assert not list(
        differences(squeeze.model.teacher.state_dict(),
                    expansion.model.backbone.state_dict()))
    for source in squeeze.cfg.sources:
        assert 0 < losses(expansion)[f'{source.name}.loss'] < 100
        for task in TASKS:
            for stage in (1, 2, 3):
                assert f'{source.name}.{task}_hint_loss_{stage}' in losses(
                    squeeze)


@pytest.mark.smoke
def test_squeeze_expansion_runs(work):
    teachers, *squeezes, last = [n for n in RUNS if n.startswith('xlearner_r')]
    teacher = train(teachers, work)
    files, students = {}, {}
    for task, name in zip(TASKS, squeezes, strict=True):
        runner = train(
            name, work,
            **{'model.teacher.init_cfg.checkpoint': written(teachers, work)})
        hints = [k for k in losses(runner) if '_hint_loss' in k]
        assert hints and all(f'.{task}_hint_loss_' in k for k in hints)
        assert not list(
            differences(
                runner.model.teacher.sub_backbones[task].state_dict(),
                teacher.model.backbone.sub_backbones[task].state_dict()))
        files[f'model.task_checkpoints.{task}'] = written(name, work)
        students[task] = runner.model.student
    runner = train(last, work, **files, **{'optim_wrapper.optimizer.lr': 0.0})
    for task, student in students.items():
        own = runner.model.backbone.sub_backbones[task]
        for name, weight in student.named_parameters():
            assert torch.equal(weight, own.get_parameter(name))
    ratio = conv_weights(own) / conv_weights(
        teacher.model.backbone.sub_backbones['cls'])
    assert ratio == pytest.approx(1 / 2, abs=0.03)
    assert {f'{s.name}.loss'
            for s in runner.cfg.sources} <= set(losses(runner))


def conv_weights(net: torch.nn.Module) -> int:
    """Count the weights of the convolutions."""
    return sum(m.weight.numel() for m in net.modules()
               if isinstance(m, torch.nn.Conv2d))
