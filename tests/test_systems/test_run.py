"""All systems on tiny scenes: rows, seeds, the tool."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

from xlearner_mm.errors import UserError
from xlearner_mm.models.pruners import num_weights
from xlearner_mm.registry import MODELS
from xlearner_mm.systems import SYSTEMS, Systems, pretrain
from xlearner_mm.systems.report import read_rows

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / 'configs/demo'
MUST = SYSTEMS['must'].config
FEW = dict(
    scale=0.001,
    num_train=24,
    num_val=12,
    num_transfer=12,
    num_test=12,
    options={
        MUST: {
            f'pseudo_labels.teachers.{name}.score_thr': 0.0
            for name in ('shapes', 'materials', 'parts', 'fabric')
        }
    })

#: Systems that are trained in the quick tests, too.
QUICK = ('hard-sharing', 'xlearner')


@pytest.fixture(scope='module')
def systems(tmp_path_factory):
    """All systems with one iteration a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XLEARNER_DEMO_DATA', 'set by Systems')
        yield Systems(tmp_path_factory.mktemp('systems'), CONFIGS, **FEW)


@pytest.fixture(scope='module')
def chain(systems):
    """Trains the runs of seed 5, each once."""
    return systems.chain(5)


@pytest.mark.smoke
@pytest.mark.parametrize('key', [
    key if key in QUICK else pytest.param(key, marks=pytest.mark.slow)
    for key in SYSTEMS
])
def test_every_system_is_pre_trained(chain, key):
    last = chain.run(SYSTEMS[key].config)
    assert Path(last.checkpoint).is_file()
    assert {run.cfg.randomness.seed for run in last.chain()} == {5}
    measured = [run for run in last.chain() if run.metrics]
    assert bool(measured) == (key != 'simclr')


@pytest.mark.slow
def test_a_row_counts_images_of_teachers_apart(systems, chain):
    systems.system('xlearner_pp', chain)
    row, = [r for r in read_rows(systems.root) if r['seed'] == 5]
    runs = chain.run(SYSTEMS['xlearner_pp'].config).chain()
    assert len(runs) == 6
    # one iteration each: 64 images a stage, and 24, 24, 8 and 8 of teachers
    assert row['images_seen'] == 2 * 64 and row['teacher_images'] == 64
    assert set(row['transfer']) == {'linear_probe', 'det_AP50', 'seg_mIoU'}
    assert set(row['source_metrics']) == {
        'shapes (top1)', 'materials (top1)', 'parts (bbox_mAP_50)',
        'fabric (bbox_mAP_50)'
    }
    assert row['params'] == 702_096  # of a ResNet-18 of width 16


@pytest.mark.slow
def test_a_pruned_network_has_as_many_weights_as_a_plain_one(systems, chain):
    systems.system('xlearner_p', chain)
    row, = [r for r in read_rows(systems.root) if r['system'] == 'xlearner_p']
    cfg = chain.run(SYSTEMS['xlearner_p'].config).cfg
    plain = num_weights(MODELS.build(cfg.resnet))
    # and the BatchNorms of two networks and their gammas
    assert plain < row['params'] < 1.02 * plain


@pytest.mark.slow
def test_a_system_that_fails_does_not_stop_the_others(systems, chain):
    chain.run(SYSTEMS['xlearner_p'].config)
    (systems.root / 'seed-5/rows/xlearner_p.json').unlink(missing_ok=True)
    options = {
        'single-source_r18_demo': {
            'sources.0.train.data_root': '/nowhere'
        }
    }
    broken = Systems(systems.root, CONFIGS, **dict(FEW, options=options))
    with pytest.raises(UserError, match='single-source, seed 5: .*/nowhere'):
        broken.run(['single-source', 'xlearner_p'], [5])
    assert 'xlearner_p' in [r['system'] for r in read_rows(systems.root)]


def test_an_unknown_system_is_refused(systems):
    with pytest.raises(UserError, match=r"no systems \['xlearner_q'\]"):
        systems.run(['xlearner', 'xlearner_q'], [0])


def test_a_run_that_another_process_works_on_is_refused(systems, chain):
    cfg = chain.config('single-source_r18_demo')
    folder = systems.root / 'busy'
    code = ('import sys; from pathlib import Path; '
            'from xlearner_mm.files import alone_in; '
            'lock = alone_in(Path(sys.argv[1])); lock.__enter__(); '
            'print("locked", flush=True); sys.stdin.read()')
    with subprocess.Popen(
        [sys.executable, '-c', code, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b'locked\n'
        with pytest.raises(UserError, match='another process works in'):
            pretrain(cfg, folder)


def test_length_is_that_of_the_pre_trainings_alone(systems):
    name, full = SYSTEMS['xlearner'].config, dict(FEW, scale=1.0)
    once, thrice = (
        Systems(systems.root, CONFIGS, **full, length=length)
        for length in (1.0, 3.0))
    assert once.chain(0).config(name).train_cfg.max_iters == 440
    assert thrice.chain(0).config(name).train_cfg.max_iters == 3 * 440
    assert thrice.scale == once.scale  # of the transfers


@pytest.mark.slow
def test_all_systems_run_and_are_reported(tmp_path):
    command = [
        sys.executable, 'tools/systems.py', '--quick', '--work-dir',
        str(tmp_path)
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    report = json.loads((tmp_path / 'report.json').read_text())
    assert [row['system'] for row in report['rows']] == list(SYSTEMS)
    assert all(c['verdict'] == 'cannot tell' for c in report['claims'])
    before = [row['seconds'] for row in report['rows']]
    subprocess.run(command, cwd=ROOT, check=True)  # nothing is repeated
    report = json.loads((tmp_path / 'report.json').read_text())
    assert [row['seconds'] for row in report['rows']] == before
