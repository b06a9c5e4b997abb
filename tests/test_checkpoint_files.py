"""Checkpoints are read without running code of theirs."""
import io
import pickle
import runpy
from argparse import Namespace
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.optim import OneCycleLR
from mmengine.registry import MODELS
from mmengine.runner import CheckpointLoader

from xlearner_mm.apis import export_backbone, export_neck, write_pseudo_labels
from xlearner_mm.checkpoint_files import (TRUST, Unreadable, load_from_file,
                                          write_tensors)
from xlearner_mm.errors import UserError
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences, state_of, train
from xlearner_mm.testing.students import write_student

ROOT = Path(__file__).resolve().parents[1]
PROBE = ROOT / 'configs/downstream/linear_probe/class_folders.py'
CAMVID = ROOT / ('configs/downstream/segmentation/'
                 'fpn_r18_xlearner-pre_1xb8-1k_camvid.py')


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return open, (str(self.file), 'w')


@pytest.fixture(autouse=True)
def trust_nothing(monkeypatch):
    monkeypatch.delenv(TRUST, raising=False)


@pytest.fixture
def bomb(tmp_path):
    """A checkpoint that creates the file beside it when it is loaded."""
    file, effect = tmp_path / 'bomb.pth', tmp_path / 'created'
    net = MODELS.build(dict(tiny.sub_backbone(), _scope_='mmpretrain'))
    torch.save(dict(state_dict=net.state_dict(), meta=Bomb(effect)), file)
    yield file
    assert not effect.exists()


@pytest.fixture(scope='module')
def run(written_sources, tmp_path_factory):
    """A run of two iterations with averaged weights: config and runner."""
    folder = tmp_path_factory.mktemp('run')
    cfg = tiny.run_config(
        deepcopy(written_sources),
        folder,
        max_iters=2,
        custom_hooks=[dict(type='EMAHook'),
                      dict(type='SyncBuffersIterHook')],
        param_scheduler=dict(
            type='MultiStepLR', by_epoch=False, milestones=[1]))
    return cfg, train(cfg)[0]


def start(monkeypatch, tool: str, *arguments: object) -> None:
    """Run a tool's `main` in this process."""
    found = runpy.run_path(str(ROOT / 'tools' / tool))
    monkeypatch.setattr('sys.argv', [tool, *map(str, arguments)])
    found['main']()


TOOLS = [
    ('train.py', '{config}', '--resume', '{bomb}', '--work-dir', '{out}'),
    ('train.py', '{config}', '--work-dir', '{out}', '--cfg-options',
     'load_from={bomb}'),
    ('test.py', '{config}', '{bomb}', '--work-dir', '{out}'),
    ('transfer.py', '{bomb}', '--suite', 'demo', '--work-dir', '{out}'),
    ('lr_search.py', CAMVID, '{bomb}', '--work-dir', '{out}'),
    ('linear_probe.py', '{bomb}', '--dataset', PROBE),
    ('model_converters/export_backbone.py', '{bomb}', '{out}/x.pth'),
    ('model_converters/export_backbone.py', '{bomb}', '{out}/x.pth', '--neck',
     'things'),
    ('analysis_tools/complexity.py', '{config}', '--checkpoint', '{bomb}'),
]


@pytest.mark.parametrize('command', TOOLS, ids=lambda c: f'{c[0]} {c[-2]}')
def test_a_tool_refuses_a_pickle_that_runs_code(run, bomb, tmp_path,
                                                monkeypatch, command):
    config = tmp_path / 'config.py'
    cfg = dict(
        run[0],
        experiment_name=tmp_path.name,
        log_level='WARNING',
        val_cfg=dict(type='MultiSourceValLoop'),
        val_dataloader=dict(sources=run[0]['sources']),
        val_evaluator=dict(sources=run[0]['sources']))
    Config(cfg, format_python_code=False).dump(config)
    names = dict(config=config, bomb=bomb, out=tmp_path / 'out')
    arguments = [str(a).format(**names) for a in command]
    with pytest.raises(UserError, match=r'bomb.pth.* io.open.* --trust'):
        start(monkeypatch, *arguments)


def test_pseudo_labels_refuse_a_teacher_that_runs_code(sources, bomb,
                                                       tmp_path):
    cfg = write_student(sources, tmp_path)
    cfg.pseudo_labels.teachers.animals.checkpoint = str(bomb)
    with pytest.raises(UserError, match=r'bomb.pth.* io.open'):
        write_pseudo_labels(cfg)


def test_upstreams_init_cfg_refuses_a_pickle_that_runs_code(bomb):
    init = dict(type='Pretrained', checkpoint=str(bomb))
    net = tiny.sub_backbone(init_cfg=init, _scope_='mmpretrain')
    with pytest.raises(UserError, match=r'bomb.pth.* io.open'):
        MODELS.build(net).init_weights()


def test_old_files_and_torchscript_are_refused_too(bomb, tmp_path):
    old, script = tmp_path / 'old.pth', tmp_path / 'script.pt'
    torch.save(
        dict(meta=Bomb(tmp_path / 'created')),
        old,
        _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(2, 2)).save(script)
    with pytest.raises(UserError, match='io.open'):
        load_from_file(old)
    with pytest.raises(UserError, match='TorchScript'):
        load_from_file(script)


@pytest.mark.parametrize(
    'stream',
    [
        # getattr(HistoryBuffer.min, '__globals__')
        b'c__builtin__\ngetattr\n(c__builtin__\ngetattr\n(cmmengine.logging.'
        b'history_buffer\nHistoryBuffer\nVmin\ntRV__globals__\ntR.',
        # a new method for a class
        b'cmmengine.logging.history_buffer\nHistoryBuffer\n(N}Vmin\nNstb.',
        b'cposix\nsystem\n(Vtrue\ntR.',
    ])
def test_there_is_no_way_around_the_list(stream):
    from xlearner_mm import safe_pickle
    with pytest.raises(safe_pickle.RefusedClass):
        safe_pickle.load(io.BytesIO(stream))


class Forged:
    """A type of objects that says it were one of numbers."""

    def __reduce__(self):
        return np.dtype, ('O', False, True), (3, '|', None, None, None, -1, -1,
                                              0)


@pytest.mark.parametrize('held', [np.array([{}], dtype=object), Forged()])
def test_arrays_of_objects_are_refused(held, tmp_path):
    torch.save(dict(held=held), tmp_path / 'x.pth')
    with pytest.raises(UserError, match='an array of objects'):
        load_from_file(tmp_path / 'x.pth')


def test_what_trainers_put_beside_the_weights_is_read(tmp_path):
    sgd = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    schedule = OneCycleLR(sgd, eta_max=1.0, total_steps=9).state_dict()
    held = dict(
        options=Namespace(lr=0.1, nested=Namespace(depth=50)),
        folder=Path('/some/where'),
        config=ConfigDict(a=dict(b=1)),
        names=frozenset('ab'),
        steps=range(3),
        array=np.arange(3, dtype='f4'),
        texts=np.array(['ab', 'c']),
        scalar=np.float64(0.5))
    torch.save(dict(held, schedule=schedule), tmp_path / 'x.pth')
    read = load_from_file(tmp_path / 'x.pth')
    assert read.pop('schedule') == schedule
    assert vars(read.pop('options').nested) == dict(depth=50)
    assert read.pop('folder') == '/some/where'
    for key in ('array', 'texts'):
        assert read[key].dtype == held[key].dtype
        assert read.pop(key).tolist() == held[key].tolist()
    assert read == {key: held[key] for key in read}
    assert set(read) == {'config', 'names', 'steps', 'scalar'}


def test_trust_lets_a_pickle_run(tmp_path, monkeypatch):
    torch.save(dict(state=Bomb(tmp_path / 'created')), tmp_path / 'x.pth')
    monkeypatch.setenv(TRUST, '')  # put back what the option sets
    with pytest.raises(UserError, match='holds no config'):
        start(monkeypatch, 'model_converters/export_backbone.py',
              tmp_path / 'x.pth', tmp_path / 'y.pth', '--trust')
    assert (tmp_path / 'created').exists()


def test_a_config_in_a_checkpoint_is_not_run(run, tmp_path):
    effect = tmp_path / 'created'
    code = f"model = open({str(effect)!r}, 'w')\n"
    file = tmp_path / 'x.pth'
    state = torch.load(checkpoint(run), weights_only=False)
    for key in ('cfg', 'config'):  # `resume` reads the second
        state['meta'][key] = code
    torch.save(state, file)
    with pytest.raises(UserError, match='line 1 calls a function'):
        export_backbone(str(file), str(tmp_path / 'y.pth'))
    train(run[0], work_dir=str(tmp_path), load_from=str(file), resume=True)
    assert not effect.exists()


def checkpoint(run) -> Path:
    return Path(run[0]['work_dir'], 'iter_2.pth')


def test_a_run_with_averaged_weights_resumes(run, tmp_path):
    cfg, done = run
    runner = build_runner(
        cfg, work_dir=str(tmp_path), load_from=str(checkpoint(run)),
        resume=True)  # yapf: disable
    runner.train()
    assert not list(differences(state_of(runner), state_of(done)))
    assert runner.message_hub.get_scalar('train/loss').current() == (
        done.message_hub.get_scalar('train/loss').current())


def test_what_is_read_equals_what_torch_reads(run):
    own = CheckpointLoader.load_checkpoint(str(checkpoint(run)), 'cpu')
    theirs = torch.load(checkpoint(run), weights_only=False)
    histories = [c.pop('message_hub') for c in (own, theirs)]
    assert not list(differences(own, theirs))
    assert 'ema_state_dict' in own
    one, two = (h['log_scalars']['train/loss'] for h in histories)
    assert pickle.dumps(one) == pickle.dumps(two)


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_export_writes_tensors_only(run, tmp_path, suffix):
    src = str(checkpoint(run))
    backbone, neck = tmp_path / f'b{suffix}', tmp_path / f'n{suffix}'
    expected = export_backbone(src, str(backbone), task='det').state_dict
    assert not list(differences(tensors_in(backbone), dict(expected)))
    expected = export_neck(src, str(neck), 'things')
    assert not list(differences(tensors_in(neck), expected))
    assert not list(tmp_path.glob('*.tmp'))


def tensors_in(file: Path) -> dict[str, torch.Tensor]:
    """Read a file by its library's own safe reader."""
    if file.suffix == '.pth':
        found = torch.load(file, weights_only=True)
    else:
        from safetensors.torch import load_file
        found = load_file(file)
    assert all(type(value) is torch.Tensor for value in found.values())
    return found


def test_an_exported_safetensors_file_starts_an_upstream_backbone(tmp_path):
    net = MODELS.build(tiny.sub_backbone(_scope_='mmpretrain'))
    net.conv1.weight.data = net.conv1.weight.data.transpose(2, 3)
    file = tmp_path / 'r18.safetensors'
    write_tensors(net.state_dict(), file)
    init = dict(type='Pretrained', checkpoint=str(file))
    other = MODELS.build(tiny.sub_backbone(init_cfg=init, _scope_='mmdet'))
    other.init_weights()
    assert not list(differences(other.state_dict(), net.state_dict()))


@pytest.mark.parametrize('part', [0.0, 0.3, 0.9])
def test_a_truncated_file_is_named(run, tmp_path, part):
    content = checkpoint(run).read_bytes()
    file = tmp_path / 'cut.pth'
    file.write_bytes(content[:int(part * len(content))])
    with pytest.raises(Unreadable, match='cut.pth is damaged'):
        load_from_file(file)
