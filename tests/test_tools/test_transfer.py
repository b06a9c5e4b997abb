"""The tools of the transfer suite, as a user starts them, on tiny data."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import MODELS

from xlearner_mm.apis import load_config
from xlearner_mm.testing import tiny
from xlearner_mm.transfer import Diverged, start

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/test_downstream'))
from mmseg_runs import write_camvid  # noqa: E402, isort: skip

pytestmark = pytest.mark.smoke
CAMVID = ROOT / ('configs/downstream/segmentation/'
                 'fpn_r18_xlearner-pre_1xb8-1k_camvid.py')


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """CamVid with three images, and a random ResNet-18 of width 8."""
    root = tmp_path_factory.mktemp('transfer')
    write_camvid(root / 'data')
    torch.manual_seed(0)
    net = MODELS.build(dict(tiny.sub_backbone(), _scope_='mmpretrain'))
    torch.save(net.state_dict(), root / 'net.pth')
    return root


def run(tool: str, *arguments: object) -> subprocess.CompletedProcess:
    """Start a tool."""
    return subprocess.run(
        [sys.executable, ROOT / 'tools' / tool, *map(str, arguments)],
        env=dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True)


def test_suite_runs_what_has_data_reports_the_rest_and_repeats_nothing(work):
    arguments = (f'ours={work / "net.pth"}', '--suite', 'small', '--data-root',
                 work / 'data', '--work-dir', work / 'suite', '--only',
                 'camvid', 'clothing', '--scale', 0.002)
    done = run('transfer.py', *arguments)
    assert done.returncode == 3, done.stderr
    assert 'ours, clothing: no data: no ' in done.stderr
    report = json.loads((work / 'suite/report.json').read_text())
    rows = {row['task']: row for row in report['rows']}
    assert (rows['clothing']['status'],
            rows['clothing']['score']) == ('no data', None)
    assert rows['camvid']['status'] == 'done'
    assert 0 <= rows['camvid']['score'] <= 100
    assert 'Segmentation, CamVid (mIoU)' in done.stdout
    weights = work / 'suite/ours/camvid/iter_2.pth'
    written = weights.stat().st_mtime_ns
    again = run('transfer.py', *arguments)
    assert again.returncode == 3
    assert weights.stat().st_mtime_ns == written
    assert json.loads(
        (work / 'suite/report.json').read_text())['rows'] == report['rows']


def test_a_backbone_that_does_not_load_fails_its_task(work):
    file = work / 'spoilt.pth'
    state = torch.load(work / 'net.pth', weights_only=True)
    state.pop('layer4.1.bn2.bias')
    torch.save(state, file)
    done = run('transfer.py', file, '--suite', 'small', '--data-root',
               work / 'data', '--work-dir', work / 'spoilt', '--only',
               'camvid', '--scale', 0.002)
    assert done.returncode == 1
    assert 'stayed random: backbone.layer4.1.bn2.bias' in done.stderr
    assert 'Traceback' not in done.stderr


def test_tasks_of_a_checkpoint_are_named_once(work):
    done = run('transfer.py', f'p={work / "net.pth"}', '--out-tasks', 'p=det',
               'p=cls')
    assert done.returncode == 1
    assert '--out-tasks p=cls: name each checkpoint once' in done.stderr


@pytest.mark.slow
def test_search_of_the_learning_rate_ends_with_a_table(work):
    done = run('lr_search.py', CAMVID, work / 'net.pth', '--data-root',
               work / 'data', '--work-dir', work / 'search', '--points', 1,
               '--optimizers', 'AdamW', '--fraction', 0.5, '--cfg-options',
               'train_cfg.max_iters=2')
    assert done.returncode == 0, done.stderr
    assert '| AdamW | 0.000173 |' in done.stdout
    assert 'full run: AdamW, learning rate 0.000173' in done.stdout
    for folder, iters in (('AdamW_0.00017', 1), ('full', 2)):
        assert (work / f'search/{folder}/iter_{iters}.pth').exists()


def camvid(work, **options):
    """Load the segmentation config for two iterations."""
    return load_config(
        str(CAMVID), {
            'train_cfg.max_iters': 2,
            'checkpoint': str(work / 'net.pth'),
            'depth': 18,
            'width': 8,
            'data_root': str(work / 'data'),
            **options
        })


def test_a_loss_that_is_not_finite_means_diverged(work):
    folder = work / 'diverged'
    folder.mkdir()
    cfg = camvid(work, **{'optim_wrapper.optimizer.lr': 1e30})
    with pytest.raises(Diverged, match='iteration 2: the loss is not finite'):
        start(cfg, folder)


@pytest.mark.slow
def test_two_processes_fine_tune_together(work):
    cfg = camvid(work)
    folder = work / 'two'
    folder.mkdir()
    metrics = start(cfg, folder, processes=2)
    assert 0 <= metrics['mIoU'] <= 100
    log = next(folder.glob('*/*.log')).read_text()
    assert 'Distributed training: True' in log and 'GPU number: 2' in log
    assert load_config(str(folder /
                           'config.py')).train_dataloader.batch_size == 4
