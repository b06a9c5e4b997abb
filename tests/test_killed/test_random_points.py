"""kill -9 at random points of every stage: in the end, nothing is lost.

A point is a moment or a file operation. `XLEARNER_KILL_SEED` repeats the
points of a run that printed it (moments as far as the clock allows).
"""
import os
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.runner import find_latest_checkpoint
from safetensors.torch import load_file

from xlearner_mm.apis import (backbone_variables, load_config,
                              write_pseudo_labels)
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.systems import pretrain
from xlearner_mm.testing import tiny
from xlearner_mm.testing.killing import Cost, ForkServer, Point
from xlearner_mm.testing.runs import (differences, squeeze_config,
                                      state_of_file, train)
from xlearner_mm.testing.students import write_student
from xlearner_mm.testing.teachers import pre_distillation
from xlearner_mm.transfer import training
from xlearner_mm.transfer.probing import probe

pytestmark = pytest.mark.slow
SEED = os.environ.get('XLEARNER_KILL_SEED') or str(random.randrange(10**6))
DEMO = Path(__file__).parents[2] / 'configs/demo'
FEW = dict(num_train=12, num_val=12, num_transfer=12, num_test=12)
K = 8
POINTS = dict(
    expansion=8,
    hard_sharing=4,
    squeeze=5,
    pruning=4,
    plusplus=5,
    simclr=4,
    detection=4,
    segmentation=4,
    labels=5,
    must=4,
    features=4)


def run(folder: Path, cfg: dict) -> None:
    """Train, from the last checkpoint where there is one."""
    train(cfg, work_dir=str(folder), resume=True)


def run_stock(folder: Path, cfg: Config) -> None:
    """Train a config of an upstream runner."""
    training.train(cfg, folder)


def label(folder: Path) -> None:
    """Let the teachers label, image by image."""
    write_pseudo_labels(Config.fromfile(folder / 'student.py'), chunk=1)


def label_and_train(folder: Path) -> None:
    """Let the teachers label, and train the student."""
    cfg = Config.fromfile(folder / 'student.py')
    cfg.train_cfg.max_iters = K
    pretrain(cfg, folder / 'run')


def extract(folder: Path, cfg: Config) -> None:
    """Extract features and fit the probe."""
    probe(cfg, folder)


def weights(folder: Path) -> dict:
    """Return the end of a training."""
    return state_of_file(find_latest_checkpoint(str(folder)))


def progress(folder: Path) -> dict:
    """Return what does not depend on the order of the images.

    Upstream's loops go on with other images and crops than the unbroken run.
    """
    state = weights(folder)
    return dict(
        steps={
            k: v
            for k, v in state['model'].items() if not v.is_floating_point()
        },
        shapes={
            k: v.shape
            for k, v in state['model'].items()
        },
        finite=all(v.isfinite().all() for v in state['model'].values()),
        schedule=state['schedule'])


def written_labels(folder: Path) -> dict:
    """Return the content of all label files."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for name in ('animals', 'things', 'stuff')
        for file in (folder / 'labels' / name).rglob('*') if file.is_file()
    }


def features(folder: Path) -> dict:
    """Return all cached features."""
    return {f.name: load_file(f) for f in folder.glob('*.safetensors')}


@dataclass(frozen=True)
class Stage:
    """What is killed: `job(folder, *args)`, and what it gives in the end."""

    job: Callable
    args: tuple = ()
    result: Callable[[Path], dict] = weights
    prepare: Callable[[Path], object] = Path.exists


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    return ForkServer(tmp_path_factory.mktemp('output'))


@pytest.fixture(scope='module')
def stages(written_sources, tmp_path_factory) -> dict[str, Stage]:
    """All stages, each over tiny sources."""
    root = tmp_path_factory.mktemp('stages')
    sources = deepcopy(written_sources)

    def config(**kwargs) -> dict:
        cfg = tiny.run_config(deepcopy(sources), root, K, **kwargs)
        cfg['default_hooks']['checkpoint']['interval'] = 2
        return cfg

    expansion = config()
    train(dict(expansion, work_dir=str(root / 'expansion')), 2)
    file = root / 'expansion/iter_2.pth'
    plusplus = config()
    plusplus['model']['pre_distillation'] = pre_distillation(
        [source['name'] for source in sources], root / 'teachers')
    hard_sharing = config()
    hard_sharing['model'] = dict(
        type='HardSharingModel', backbone=tiny.sub_backbone(), sources=sources)
    hard_sharing['train_cfg'] = dict(
        type='MultiSourceTrainLoop', max_iters=K, val_interval=1000)
    squeeze = squeeze_config(sources, root, file, max_iters=K)
    squeeze['default_hooks']['checkpoint']['interval'] = 2
    pruning = config()
    pruning['model'].update(
        type='PrunedExpansionModel',
        backbone=tiny.expanded_resnet(type='PrunedExpandedResNet'),
        expansion=str(file))
    pruning['train_cfg']['join_iter'] = 0
    student = partial(write_student, resized(sources), score_thr=0.3)
    ours = dict(
        expansion=expansion,
        hard_sharing=hard_sharing,
        squeeze=squeeze,
        pruning=pruning,
        plusplus=plusplus)
    return dict({
        name: Stage(run, (cfg, ))
        for name, cfg in ours.items()
    },
                **stock_stages(root),
                labels=Stage(label, (), written_labels, student),
                must=Stage(label_and_train, (), lambda f: weights(f / 'run'),
                           student))


def resized(sources: list[dict]) -> list[dict]:
    """Return the sources with masks of one size, which fit in a batch."""
    sources = deepcopy(sources)
    sources[2]['train']['pipeline'].insert(
        2, dict(type='Resize', scale=(tiny.SIZE, tiny.SIZE)))
    return sources


def stock_stages(root: Path) -> dict[str, Stage]:
    """SimCLR, transfers and a linear probe, on the demo's data."""
    generate_demo_data(root / 'demo', **FEW)
    model = load_config(str(DEMO / 'simclr_r18_demo-cls2-det2.py')).resnet
    net = MODELS.build(dict(model, _scope_='mmpretrain'))
    torch.save(net.state_dict(), root / 'net.pth')
    variables = dict(
        backbone_variables(str(root / 'net.pth')),
        XLEARNER_DEMO_DATA=str(root / 'demo'))
    stages = {}
    for name, config in (('simclr', 'simclr_r18_demo-cls2-det2'),
                         ('detection', 'retinanet_r18_demo'),
                         ('segmentation', 'fpn_r18_demo')):
        cfg = load_config(str(DEMO / f'{config}.py'), variables=variables)
        cfg.train_cfg.max_iters = K
        cfg.train_dataloader.update(
            batch_size=3, num_workers=0, persistent_workers=False)
        cfg.default_hooks.checkpoint.interval = 2
        cfg.log_level = 'WARNING'
        stages[name] = Stage(run_stock, (cfg, ), progress)
    cfg = load_config(
        str(DEMO / 'linear-probe_r18_demo.py'), variables=variables)
    return dict(stages, features=Stage(extract, (cfg, ), features))


@pytest.fixture(scope='module')
def unbroken(server, stages, tmp_path_factory):
    """Return a function that runs a stage once: its cost and its result."""
    done = {}

    def run_once(name: str) -> tuple[Cost, dict]:
        if name not in done:
            stage, folder = stages[name], tmp_path_factory.mktemp(name)
            stage.prepare(folder)
            cost = server.run(stage.job, folder, *stage.args)
            done[name] = cost, stage.result(folder)
        return done[name]

    return run_once


def describe(folder: Path) -> str:
    """Say what a killed job has left."""
    last = find_latest_checkpoint(str(folder))
    drafts = [f.name for f in folder.rglob('*.tmp')]
    return f"{Path(last).name if last else 'no checkpoint'} {drafts or ''}"


@pytest.mark.parametrize('name, number', [(name, n)
                                          for name, count in POINTS.items()
                                          for n in range(count)])
def test_killed_at_random_points_a_stage_ends_as_the_unbroken(
        server, stages, unbroken, tmp_path, name, number):
    stage = stages[name]
    cost, expected = unbroken(name)
    stage.prepare(tmp_path)
    rng = random.Random(f'{SEED} {name} {number}')
    print(f'XLEARNER_KILL_SEED={SEED}: {name} {number}, {cost}')
    for _ in range(rng.choice((1, 2))):
        point = Point.draw(rng, cost)
        hit = server.kill(point, stage.job, tmp_path, *stage.args)
        print(point, 'killed' if hit else 'too late', describe(tmp_path))
    server.run(stage.job, tmp_path, *stage.args)
    assert expected
    assert not list(differences(stage.result(tmp_path), expected))
