"""The linear probe's tool, on class folders, as a user starts it."""
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import MODELS
from PIL import Image

from xlearner_mm.testing import tiny

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.smoke


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """Class folders `red` and `blue`, and a random ResNet-18 of width 8."""
    root = tmp_path_factory.mktemp('probe')
    rng = np.random.default_rng(0)
    for split, count in dict(train=6, test=3).items():
        for name, channel in dict(red=0, blue=2).items():
            folder = root / 'data' / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 120, (40, 50, 3), dtype=np.uint8)
                pixels[..., channel] += 120
                Image.fromarray(pixels).save(folder / f'{i}.png')
    torch.manual_seed(0)
    net = MODELS.build(dict(tiny.sub_backbone(), _scope_='mmpretrain'))
    torch.save(net.state_dict(), root / 'net.pth')
    return root


def run(work: Path, *arguments: str, processes: int = 1):
    """Start the tool; return what it says and what it wrote."""
    launch = [sys.executable]
    if processes > 1:
        launch += [
            '-m', 'torch.distributed.run', '--standalone',
            f'--nproc-per-node={processes}'
        ]
        arguments += ('--launcher', 'pytorch')
    out = work / 'out.json'
    out.unlink(missing_ok=True)
    done = subprocess.run([
        *launch, ROOT / 'tools/linear_probe.py', work / 'net.pth',
        '--data-root', work / 'data', '--json', out, '--num-workers', '0',
        *arguments
    ],
                          env=dict(
                              os.environ,
                              PYTHONPATH=str(ROOT),
                              OMP_NUM_THREADS='1'),
                          capture_output=True,
                          text=True)
    return done, json.loads(out.read_text()) if out.exists() else None


@pytest.mark.slow
def test_two_processes_find_what_one_finds_and_the_cache_saves_a_pass(work):
    done, one = run(work, '--dataset', 'class_folders', '--cache',
                    str(work / 'one'))
    assert done.returncode == 0, done.stderr
    assert one['class_folders']['score'] == 100
    assert one['class_folders']['converged']
    assert 'class_folders: top1 100.00 at lambda=' in done.stdout
    done, two = run(
        work,
        '--dataset',
        'class_folders',
        '--cache',
        str(work / 'two'),
        processes=2)
    assert done.returncode == 0, done.stderr
    for result in (one, two):
        result['class_folders'].pop('seconds')
    assert two == one
    stamps = [f.stat().st_mtime_ns for f in (work / 'one').iterdir()]
    done, again = run(
        work,
        '--dataset',
        'class_folders',
        '--cache',
        str(work / 'one'),
        processes=2)
    assert done.stdout.count('class_folders: top1') == 1
    again['class_folders'].pop('seconds')
    assert again == one
    assert stamps == [f.stat().st_mtime_ns for f in (work / 'one').iterdir()]


def test_a_missing_dataset_does_not_stop_the_others(work):
    done, found = run(work, '--dataset', 'dtd', 'class_folders', '--cache',
                      str(work / 'one'))
    assert done.returncode == 1 and list(found) == ['class_folders']
    assert 'www.robots.ox.ac.uk/~vgg/data/dtd' in done.stderr
    assert 'Traceback' not in done.stderr
