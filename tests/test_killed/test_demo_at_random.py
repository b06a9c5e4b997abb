"""The demo, killed with all it started, ends with the unbroken one's report.

`XLEARNER_KILL_SEED` repeats the moments of a run that printed it.
"""
import json
import os
import random
from pathlib import Path

import pytest

from xlearner_mm.demo import Demo
from xlearner_mm.testing.killing import ForkServer, Point

SEED = os.environ.get('XLEARNER_KILL_SEED') or str(random.randrange(10**6))
CONFIGS = Path(__file__).parents[2] / 'configs/demo'
FEW = dict(scale=0.005, num_train=24, num_val=12, num_transfer=24, num_test=12)
POINTS = 8


def run(root: Path) -> None:
    """Run the demo, from where it was."""
    Demo(root, CONFIGS, **FEW).run()


def report(root: Path) -> list[dict]:
    """Return the report's rows without their seconds."""
    rows = json.loads((root / 'report.json').read_text())['rows']
    return [{
        k: v
        for k, v in row.items() if not k.endswith('seconds')
    } for row in rows]


@pytest.mark.slow
def test_the_demo_killed_again_and_again_gives_the_same_report(tmp_path):
    server = ForkServer(tmp_path)
    cost = server.run(run, tmp_path / 'unbroken')
    rng = random.Random(f'{SEED} demo')
    print(f'XLEARNER_KILL_SEED={SEED}, {cost}')
    for _ in range(POINTS):
        point = Point(seconds=rng.uniform(0, cost.seconds / 4))
        hit = server.kill(point, run, tmp_path / 'killed')
        done = [f.parent.name for f in tmp_path.glob('killed/**/result.json')]
        print(point, 'killed' if hit else 'too late', done)
    server.run(run, tmp_path / 'killed')
    assert report(tmp_path / 'killed') == report(tmp_path / 'unbroken')
