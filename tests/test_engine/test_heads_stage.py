"""Runs of the heads stage: resumed, and looked at by the doctor."""
from copy import deepcopy
from pathlib import Path

import pytest
from mmengine.config import Config

from xlearner_mm.doctor import examine
from xlearner_mm.testing.runs import (differences, state_of, state_of_file,
                                      train)


@pytest.mark.parametrize('at', [1, 3])
def test_resumed_equals_unbroken(heads_run, tmp_path, at):
    folder = Path(heads_run['work_dir'])
    runner, _ = train(
        deepcopy(heads_run),
        work_dir=str(tmp_path),
        load_from=str(folder / f'iter_{at}.pth'),
        resume=True)
    assert not list(
        differences(state_of(runner), state_of_file(folder / 'iter_4.pth')))


def test_doctor_compares_both_checkpoints(heads_run):
    cfg = deepcopy(heads_run)
    found = {f.where: f for f in examine(Config(cfg), 1)}
    for name in ('squeeze', 'expansion'):
        assert found[f'model.{name}'].level == 'ok'
    cfg['model']['expansion'] = cfg['model']['squeeze']
    errors = [f for f in examine(Config(cfg), 1) if f.level == 'error']
    assert [f.where for f in errors] == ['model.expansion']
