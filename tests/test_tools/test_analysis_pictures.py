"""The tools that draw pictures, on tiny runs."""
import json
import runpy
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import train

TOOLS = Path(__file__).resolve().parents[2] / 'tools/analysis_tools'


def tool(monkeypatch, name: str, *arguments: object) -> None:
    """Run a tool in this process."""
    monkeypatch.setattr(sys, 'argv', [name, *map(str, arguments)])
    runpy.run_path(str(TOOLS / f'{name}.py'), run_name='__main__')


def write(cfg: dict, file: Path) -> Path:
    """Write a config as a user has it."""
    file.write_text(Config(cfg, format_python_code=False).pretty_text)
    return file


@pytest.fixture(scope='module')
def runs(written_sources, tmp_path_factory):
    """An expansion, a squeeze of it and hard-sharing; each trained a bit."""
    root = tmp_path_factory.mktemp('runs')
    (root / 'images').symlink_to(written_sources[0]['train']['data_root'])
    expansion = tiny.run_config(
        written_sources,
        root / 'expansion',
        custom_hooks=[dict(type='ReconciliationNormHook', interval=1)])
    shared = tiny.run_config(written_sources, root / 'shared', 1)
    shared['model'].update(
        type='HardSharingModel', backbone=tiny.sub_backbone())
    squeeze = tiny.run_config(written_sources, root / 'squeeze', 1)
    squeeze['model'] = dict(
        type='SqueezeDistiller',
        teacher=tiny.expanded_resnet(
            init_cfg=dict(
                type='Pretrained',
                prefix='backbone.',
                checkpoint=str(root / 'expansion/iter_4.pth'))),
        student=tiny.sub_backbone(),
        sources=written_sources)
    for cfg, loop in ((shared, 'MultiSource'), (squeeze, 'Squeeze')):
        cfg['train_cfg'] = dict(type=f'{loop}TrainLoop', max_iters=1)
    for name, cfg in dict(
            expansion=expansion, shared=shared, squeeze=squeeze).items():
        train(cfg)
        write(cfg, root / f'{name}.py')
    whole = (root / 'shared/iter_1.pth').read_bytes()
    (root / 'broken.pth').write_bytes(whole[:5000])
    return root


def test_gammas_of_checkpoints_over_time(runs, monkeypatch, capsys):
    tool(monkeypatch, 'reconciliation', runs / 'expansion.py',
         *(runs / f'expansion/iter_{k}.pth' for k in (4, 2)))
    file = runs / 'expansion/analysis/reconciliation.svg'
    assert str(file) in capsys.readouterr().out
    assert 'cls layer1 → det layer1' in file.read_text()
    numbers = json.loads(file.with_suffix('.json').read_text())
    assert list(numbers) == ['2', '4']
    assert len(numbers['2']) == 36 and not any(numbers['2'].values())
    assert all(value > 0 for value in numbers['4'].values())


def test_gammas_that_a_hook_logged(runs, monkeypatch):
    tool(monkeypatch, 'reconciliation', runs / 'expansion.py', '--out',
         runs / 'logged.png')
    assert list(json.loads((runs / 'logged.json').read_text())) == ['3', '4']


def test_gradients_of_hard_sharing(runs, monkeypatch, capsys):
    tool(monkeypatch, 'gradient_conflict', runs / 'shared.py',
         runs / 'shared/iter_1.pth', '--batches', 3)
    assert 'of 9 cosines' in capsys.readouterr().out
    file = runs / 'shared/analysis/gradient_conflict.svg'
    assert 'things (det)' in file.read_text()
    numbers = json.loads(file.with_suffix('.json').read_text())
    assert numbers['sources'] == ['animals', 'things', 'stuff']
    assert len(numbers['batches']) == 3
    assert len(numbers['same_source_next_batch']) == 3


def test_features_of_all_networks(runs, monkeypatch):
    tool(monkeypatch, 'cka', f'x={runs}/expansion/iter_4.pth',
         f'student={runs}/squeeze/iter_1.pth',
         f'hard={runs}/shared/iter_1.pth', '--images', runs / 'images',
         '--size', 48, '--num-images', 6, '--out', runs / 'cka.svg')
    numbers = json.loads((runs / 'cka.json').read_text())
    assert numbers['networks'] == [
        'x.cls', 'x.det', 'x.seg', 'student', 'hard'
    ]
    assert list(numbers['cka']) == ['layer1', 'layer2', 'layer3', 'layer4']
    for matrix in numbers['cka'].values():
        assert [matrix[i][i] for i in range(5)] == pytest.approx([1] * 5)


@pytest.mark.parametrize('command, words', [
    ('reconciliation shared.py shared/iter_1.pth', 'no reconciliation layers'),
    ('reconciliation expansion.py none.pth', 'no checkpoint at'),
    ('reconciliation expansion.py --work-dir .',
     'train with a ReconciliationNormHook'),
    ('gradient_conflict squeeze.py squeeze/iter_1.pth',
     'no losses of several sources'),
    ('gradient_conflict shared.py expansion/iter_4.pth', 'does not fit'),
    ('cka expansion/iter_4.pth --images squeeze', 'at least four'),
    ('cka broken.pth --images images', 'damaged or no checkpoint'),
])
def test_mistakes_are_named_without_a_traceback(runs, monkeypatch, command,
                                                words):
    monkeypatch.chdir(runs)
    with pytest.raises(SystemExit, match='^error: ') as stop:
        tool(monkeypatch, *command.split())
    assert words in str(stop.value)
