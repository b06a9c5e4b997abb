"""Expanded networks in the demo's suite: trained, probed, resumed."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.models.pruners import without_masks
from xlearner_mm.testing.expanded_runs import train_expanded
from xlearner_mm.transfer import Suite, Transfer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / 'configs/downstream/suites/demo.py'
FINE_TUNINGS = ('det_AP50', 'seg_mIoU')


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """Tiny demo data, and checkpoints 'r' and 'p'."""
    root = tmp_path_factory.mktemp('expanded')
    few = dict(num_train=12, num_val=12, num_transfer=12, num_test=12)
    generate_demo_data(root / 'data', **few)
    return root, train_expanded(root)


def transfer(work, **kwargs) -> list[dict]:
    """Run the suite for both; two iterations of each fine-tuning."""
    root, files = work
    suite = Suite.from_file(SUITE)
    return Transfer(
        suite, root / 'suite', root / 'data', scale=2 / 300,
        **kwargs).run(files)


@pytest.fixture(scope='module')
def rows(work):
    return transfer(work, out_tasks=dict(r=['seg', 'det']))


def test_all_tasks_run_for_both_kinds(rows):
    assert [(r['checkpoint'], r['task'], r['status'])
            for r in rows] == [(name, task, 'done') for name in ('r', 'p')
                               for task in ('linear_probe', *FINE_TUNINGS)]
    assert all(0 <= row['score'] <= 100 for row in rows)


def backbone_of(file: Path) -> dict:
    """Read the expanded network's weights of a fine-tuned model."""
    state = torch.load(file, weights_only=False)['state_dict']
    return {k[9:]: v for k, v in state.items() if k.startswith('backbone.')}


def non_zeros(state: dict) -> int:
    """Count what the convolutions compute with."""
    return sum(
        int(v.count_nonzero()) for v in without_masks(state).values()
        if v.ndim == 4)


@pytest.mark.parametrize('task', FINE_TUNINGS)
def test_pruned_weights_stay_zero_in_fine_tuning(work, rows, task):
    root = work[0] / 'suite/p'
    given = torch.load(root / 'backbone.pth', weights_only=True)
    tuned = backbone_of(root / task / 'iter_2.pth')
    assert tuned.keys() == given.keys()
    learnt = [
        k for k in given
        if k.endswith('weight_orig') and not torch.equal(given[k], tuned[k])
    ]
    assert len(learnt) > 60
    total = sum(v.numel() for v in without_masks(given).values()
                if v.ndim == 4)
    assert non_zeros(tuned) == non_zeros(given) < total / 2
    for key, mask in given.items():
        if key.endswith('weight_mask'):
            assert torch.equal(mask, tuned[key])
            assert not tuned[key[:-4] + 'orig'][mask == 0].any()


@pytest.mark.parametrize('task', FINE_TUNINGS)
def test_only_the_chosen_tasks_learn(work, rows, task):
    root = work[0] / 'suite/r'
    given = torch.load(root / 'backbone.pth', weights_only=True)
    tuned = backbone_of(root / task / 'iter_2.pth')
    for name in ('cls', 'det', 'seg'):
        own = f'sub_backbones.{name}.'
        same = all(torch.equal(given[k], tuned[k]) for k in given if own in k)
        assert same == (name == 'cls')


def test_nothing_is_repeated_but_for_other_tasks_features(work, rows):
    weights = work[0] / 'suite/p/det_AP50/iter_2.pth'
    written = weights.stat().st_mtime_ns
    assert transfer(work, out_tasks=dict(r=['seg', 'det'])) == rows
    assert weights.stat().st_mtime_ns == written
    det = work[0] / 'suite/r/linear_probe/digest'
    before = det.read_text()
    root, files = work
    found, = Transfer(
        Suite.from_file(SUITE).only(['linear_probe']), root / 'suite',
        root / 'data').run(dict(r=files['r']))
    assert found['status'] == 'done' and det.read_text() != before


def run(work, tool: str, *arguments) -> subprocess.CompletedProcess:
    """Start a tool on the demo's data."""
    data = str(work[0] / 'data')
    return subprocess.run([
        sys.executable, ROOT / 'tools' / tool, *map(str, arguments),
        '--data-root', data
    ],
                          env=dict(
                              os.environ,
                              PYTHONPATH=str(ROOT),
                              OMP_NUM_THREADS='1',
                              XLEARNER_DEMO_DATA=data),
                          capture_output=True,
                          text=True)


def test_the_tool_takes_features_by_the_checkpoints_name(work):
    root, files = work
    arguments = (f'p={files["p"]}', '--suite', 'demo', '--only',
                 'linear_probe', '--work-dir', root / 'tool', '--out-tasks')
    done = run(work, 'transfer.py', *arguments, 'p=det,cls')
    assert done.returncode == 0, done.stderr
    text = (root / 'tool/p/backbone.network.json').read_text()
    assert json.loads(text)['resnet']['out_tasks'] == ['det', 'cls']
    done = run(work, 'transfer.py', *arguments, 'q=det')
    assert done.returncode == 1
    assert "--out-tasks ['q']: no checkpoint has such a name" in done.stderr


def test_the_probes_tool_finds_what_the_suite_finds(work, rows):
    root, files = work
    done = run(work, 'linear_probe.py', files['r'], '--out-tasks', 'seg',
               'det', '--dataset',
               ROOT / 'configs/demo/linear-probe_r18_demo.py', '--cache',
               root / 'cache', '--json', root / 'out.json')
    assert done.returncode == 0, done.stderr
    found, = json.loads((root / 'out.json').read_text()).values()
    assert found['score'] == rows[0]['score']


def test_the_search_keeps_what_is_pruned_at_zero(work):
    root, files = work
    done = run(work, 'lr_search.py', ROOT / 'configs/demo/fpn_r18_demo.py',
               files['p'], '--out-tasks', 'seg', '--work-dir', root / 'search',
               '--points', 1, '--optimizers', 'AdamW', '--cfg-options',
               'train_cfg.max_iters=2')
    assert done.returncode == 0, done.stderr
    given = torch.load(root / 'search/backbone.pth', weights_only=True)
    for run_of in ('AdamW_*/iter_1', 'full/iter_2'):
        file, = root.glob(f'search/{run_of}.pth')
        tuned = backbone_of(file)
        assert non_zeros(tuned) == non_zeros(given)
        assert any(not torch.equal(given[k], tuned[k]) for k in given)
