"""Configs at the paper's scale: names, models, and steps on small files.

Widths and image sizes are an eighth of the config's; labels, classes, file
formats and pipelines are its own.
"""
import os
import re
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from mmengine.config import Config
from mmengine.model import convert_sync_batchnorm
from mmengine.registry import MODELS
from mmengine.runner import Runner
from modelindex.load_model_index import load
from modelindex.models.ModelIndex import ModelIndex

from xlearner_mm.apis import load_config, write_pseudo_labels
from xlearner_mm.sources import check_copies
from xlearner_mm.testing.shrinking import shrink
from xlearner_mm.testing.source_files import write_all

ROOT = Path(__file__).parents[1]
#: First part of a name, and the type of its model.
ALGORITHMS = {
    'xlearner-expansion': 'ExpansionModel',
    'xlearner-expansion-no-rec': 'ExpansionModel',
    'xlearner-squeeze': 'SqueezeDistiller',
    'xlearner-squeeze-no-rec': 'SqueezeDistiller',
    'hard-sharing': 'HardSharingModel',
    'must': 'HardSharingModel',
    'must-teachers': 'ExpansionModel',
    'single-source': 'HardSharingModel'
}
_CLS3 = ['imagenet', 'inat2021', 'places365']
_CLS5 = _CLS3 + ['compcars', 'tsinghua_dogs']
_DET2 = ['coco', 'objects365']
#: The settings of Sec. 4.1, and that of the supervised baseline.
SETTINGS = {
    'cls3-det2': _CLS3 + _DET2,
    'cls5-det2': _CLS5 + _DET2,
    'cls5-det3': _CLS5 + _DET2 + ['wider_face'],
    'cls3-det2-seg2': _CLS3 + _DET2 + ['ade20k', 'coco_stuff'],
    'cls1-det1-seg1': ['imagenet', 'objects365', 'coco_stuff'],
    'imagenet': ['imagenet']
}
CLASSES = dict(
    imagenet=1000,
    inat2021=10000,
    places365=365,
    compcars=431,
    tsinghua_dogs=130,
    coco=80,
    objects365=365,
    wider_face=1,
    ade20k=150,
    coco_stuff=171)
NAME = re.compile(r'(?P<algorithm>[a-z-]+)_r(?P<depth>\d+)_(?P<gpus>\d+)'
                  r'xb(?P<batch>\d+)-(?P<iters>\d+)k_(?P<setting>[\w-]+)')
FILES = [
    file for folder in ('xlearner', 'baselines')
    for file in sorted((ROOT / 'configs' / folder).glob('*.py'))
    if file.stem.split('_')[0] in ALGORITHMS
]
ROWS = {  # Tables 2 to 6, without the variants of Sec. 3.4
    ('xlearner-expansion', '50', 'cls3-det2'),
    ('xlearner-expansion', '50', 'cls5-det2'),
    ('xlearner-expansion', '50', 'cls5-det3'),
    ('xlearner-expansion', '50', 'cls3-det2-seg2'),
    ('xlearner-expansion', '152', 'cls3-det2-seg2'),
    ('xlearner-expansion-no-rec', '50', 'cls3-det2'),
    ('hard-sharing', '50', 'cls3-det2'), ('hard-sharing', '50', 'cls5-det2'),
    ('hard-sharing', '50', 'cls5-det3'), ('single-source', '50', 'imagenet'),
    ('must', '152', 'cls1-det1-seg1'),
    ('must-teachers', '152', 'cls1-det1-seg1')
}


def parts(file: Path) -> dict[str, str]:
    """Split a config's name."""
    return NAME.fullmatch(file.stem).groupdict()


def find(algorithm: str, setting: str, depth: int = 50) -> Path:
    """Return the one config with these parts in its name."""
    file, = [
        f for f in FILES if parts(f)['algorithm'] == algorithm
        and parts(f)['setting'] == setting and parts(f)['depth'] == str(depth)
    ]
    return file


def networks(cfg: Config) -> list[dict]:
    """Return the ResNets of a config's model."""
    found = []
    for key in ('backbone', 'teacher', 'student'):
        net = cfg.model.get(key)
        if net is not None:
            found.append(net.get('sub_backbone', net))
    return found


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_name_agrees_with_content(file):
    cfg, name = load_config(str(file)), parts(file)
    check_copies(cfg)
    assert cfg.model.type == ALGORITHMS[name['algorithm']]
    assert {net.depth for net in networks(cfg)} == {int(name['depth'])}
    assert {net.norm_eval for net in networks(cfg)} == {False}
    assert name['gpus'] == '8'
    assert int(name['batch']) == sum(s.batch_size for s in cfg.sources)
    assert int(name['iters']) * 1000 == cfg.train_cfg.max_iters
    assert [s.name for s in cfg.sources] == SETTINGS[name['setting']]
    for source in cfg.sources:
        head = source.model.get('head') or source.model.get('decode_head')
        head = head or source.model.roi_head.bbox_head
        assert head.num_classes == CLASSES[source.name]
    images = {t: 0 for t in ('cls', 'det', 'seg')}
    for source in cfg.sources:
        images[source.task] += 8 * source.batch_size
    assert images['cls'] == 512
    expanded = cfg.model.get('backbone') or cfg.model.get('teacher')
    assert (expanded.get('reconciliation')
            is None) == (not name['algorithm'].startswith('xlearner')
                         or 'no-rec' in name['algorithm'])


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_optimizer_and_schedule_are_the_papers(file):
    cfg = load_config(str(file))
    optimizer = dict(cfg.optim_wrapper.optimizer)
    rate = optimizer.pop('lr')
    assert rate == (0.02 if 'squeeze' in file.stem else 0.2)
    assert optimizer == dict(type='SGD', momentum=0.9, weight_decay=1e-4)
    warm_up, *steps = cfg.param_scheduler
    assert warm_up.type == 'LinearLR' and warm_up.end == 2000
    assert [(s.fraction, s.gamma) for s in steps] == [(0.5, 0.5), (0.7, 0.2),
                                                      (0.9, 0.1)]


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_docstring_says_what_it_aims_at(file):
    text = file.read_text()
    assert len(text.splitlines()) <= 40
    docstring = text.split('"""')[1]
    assert re.search(r'Tables? \d', docstring)
    assert 'Not trained.' in docstring
    folder = file.parent.name
    assert f'configs/{folder}/{file.name} 8' in docstring


def test_every_row_of_the_tables_has_its_configs():
    names = [parts(file) for file in FILES]
    found = {(n['algorithm'], n['depth'], n['setting']) for n in names}
    squeezes = {(a.replace('expansion', 'squeeze'), d, s)
                for a, d, s in ROWS if a.startswith('xlearner')}
    assert found == ROWS | squeezes


@pytest.mark.parametrize(
    'file', [f for f in FILES if 'squeeze' in f.stem],
    ids=lambda file: file.stem)
def test_squeeze_reads_the_end_of_its_expansion(file):
    cfg, name = load_config(str(file)), parts(file)
    expansion = find(name['algorithm'].replace('squeeze', 'expansion'),
                     name['setting'], int(name['depth']))
    other = load_config(str(expansion))
    assert cfg.model.teacher.init_cfg.checkpoint == (
        f'work_dirs/{expansion.stem}/iter_{other.train_cfg.max_iters}.pth')
    assert cfg.sources == other.sources
    teacher = dict(cfg.model.teacher)
    del teacher['init_cfg']
    assert teacher == other.model.backbone


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_model_builds(file):
    cfg = load_config(str(file))
    shrink(cfg.model)
    for net in networks(cfg):
        net.depth = 50  # ResNet-152 differs in nothing but repetitions
    model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
    tasks = list(dict.fromkeys(s.task for s in cfg.sources))
    expanded = getattr(model, 'backbone', None) or model.teacher
    if hasattr(expanded, 'tasks'):
        assert list(expanded.tasks) == tasks
    specs = expanded_channels(expanded)
    assert specs == [32, 64, 128, 256]


def test_sync_bn_keeps_what_the_optimizer_holds():
    """The wrapper converts at the start and once more at tau."""
    cfg = load_config(str(find('xlearner-expansion', 'cls3-det2-seg2')))
    assert cfg.sync_bn == 'torch'
    shrink(cfg.model)
    model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm'))
    held = {name: id(p) for name, p in model.named_parameters()}
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for phase, trainable in dict(separate=False, joint=True).items():
        model.freeze_idle(phase)
        model = convert_sync_batchnorm(model, cfg.sync_bn)
        kinds = [type(m) for m in model.modules()]
        assert torch.nn.SyncBatchNorm in kinds
        assert torch.nn.BatchNorm2d not in kinds
        assert {n: id(p) for n, p in model.named_parameters()} == held
        for key, value in model.state_dict().items():
            assert torch.equal(value, before[key]), key
        gammas = model.backbone.reconciliation.parameters()
        assert {p.requires_grad for p in gammas} == {trainable}


def expanded_channels(net: torch.nn.Module) -> list[int]:
    """Return the channels of the four stages, by a pass of an image."""
    net.eval()
    with torch.no_grad():
        x = torch.zeros(1, 3, 64, 64)
        outs = net(x, net.tasks[0]) if hasattr(net, 'tasks') else net(x)
    return [out.shape[1] for out in outs]


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_metafile_and_readme_have_the_config(file):
    cfg, name = load_config(str(file)), parts(file)
    path = f'configs/{file.parent.name}/{file.name}'
    model, = [m for m in load_index().models if m.config == path]
    assert model.name == file.stem
    assert model.weights is None and model.results is None
    images = int(name['gpus']) * int(name['batch'])
    assert model.metadata.batch_size == images
    assert model.metadata.data['Iterations'] == cfg.train_cfg.max_iters
    assert len(model.metadata.training_data) == len(cfg.sources)
    row, = [
        line for line in (file.parent / 'README.md').read_text().splitlines()
        if f']({file.name})' in line
    ]
    assert row.endswith('| not trained |')


@cache
def load_index() -> ModelIndex:
    """Read model-index.yml as upstream does."""
    return load(str(ROOT / 'model-index.yml'))


@pytest.fixture(scope='module')
def data(tmp_path_factory, written_sources):
    """Small files of all ten sources, the three packages being loaded."""
    root = tmp_path_factory.mktemp('data')
    write_all(root)
    return root


def run(file: Path, data: Path, work_dir: Path, **options) -> Runner:
    """Train a config on the small files, at an eighth of its widths."""
    cfg = load_config(
        str(file), {
            'data_root': str(data),
            'train_dataloader.num_workers': 0,
            **{
                key.replace('__', '.'): value
                for key, value in options.items()
            }
        })
    for source in cfg.sources:
        source.batch_size, source.val_batch_size = 2, 2
    shrink(cfg.sources)
    for key in ('backbone', 'teacher', 'student'):
        if key in cfg.model:
            shrink(cfg.model[key])
    for key in ('val_dataloader', 'test_dataloader'):
        if key in cfg:
            cfg[key].num_workers = 0
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    cfg.log_level = 'WARNING'
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def check_losses_and_scores(runner: Runner, setting: str) -> None:
    """Every source of the setting was trained on and validated."""
    scalars = runner.message_hub.log_scalars
    for name in SETTINGS[setting]:
        loss = scalars[f'train/{name}.loss'].current()
        assert 0 < loss < 20
    for source in runner.cfg.sources:
        score = scalars[f'val/{source.name}/{source.key_metric}'].current()
        assert 0 <= score <= 100


@pytest.fixture(scope='module')
def segmenting(data, tmp_path_factory):
    """A separate and a joint step of seven sources, and validation."""
    work_dir = tmp_path_factory.mktemp('expansion')
    return run(
        find('xlearner-expansion', 'cls3-det2-seg2'),
        data,
        work_dir,
        train_cfg__max_iters=2,
        train_cfg__join_iter=1,
        train_cfg__val_interval=2)


def test_expansion_trains_and_validates_seven_sources(segmenting):
    check_losses_and_scores(segmenting, 'cls3-det2-seg2')


def test_squeeze_trains_on_the_expansion(segmenting, data, tmp_path):
    teacher = os.path.join(segmenting.work_dir, 'iter_2.pth')
    runner = run(
        find('xlearner-squeeze', 'cls3-det2-seg2'),
        data,
        tmp_path,
        train_cfg__max_iters=1,
        model__teacher__init_cfg__checkpoint=teacher)
    scalars = runner.message_hub.log_scalars
    for name in SETTINGS['cls3-det2-seg2']:
        for task in ('cls', 'det', 'seg'):
            assert scalars[f'train/{name}.{task}_hint_loss'].current() > 0


def test_hard_sharing_trains_and_validates_eight_sources(data, tmp_path):
    runner = run(
        find('hard-sharing', 'cls5-det3'),
        data,
        tmp_path,
        train_cfg__max_iters=1,
        train_cfg__val_interval=1)
    check_losses_and_scores(runner, 'cls5-det3')


def test_must_labels_and_trains_on_three_tasks(data, tmp_path, monkeypatch):
    monkeypatch.setenv('XLEARNER_PSEUDO_LABELS', str(tmp_path))
    teachers = run(
        find('must-teachers', 'cls1-det1-seg1', 152),
        data,
        tmp_path / 'teachers',
        train_cfg__max_iters=1,
        train_cfg__join_iter=1,
        model__backbone__sub_backbone__depth=50,
        sources__1__model__test_cfg__rcnn__score_thr=0.0)
    student = find('must', 'cls1-det1-seg1', 152)
    files = dict(  # of the shrunk model
        config=str(next((tmp_path / 'teachers').glob('must-*.py'))),
        checkpoint=str(tmp_path / 'teachers/iter_1.pth'))
    options = {
        f'pseudo_labels__teachers__{name}': files
        for name in SETTINGS['cls1-det1-seg1']
    }
    options.update(pseudo_labels__score_thr=0.0, data_root=str(data))
    write_pseudo_labels(
        load_config(
            str(student), {
                k.replace('__', '.'): v
                for k, v in options.items()
            }))
    runner = run(
        student,
        data,
        tmp_path / 'student',
        train_cfg__max_iters=1,
        model__backbone__depth=50,
        **options)
    assert teachers.cfg.sources[0].train.type == 'ImageNet'
    assert runner.cfg.sources[0].train.type == 'CustomDataset'
    for name in SETTINGS['cls1-det1-seg1']:
        loss = runner.message_hub.get_scalar(f'train/{name}.loss').current()
        assert 0 < loss < 20
