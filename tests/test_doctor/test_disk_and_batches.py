"""Arithmetic: bytes of checkpoints, images of iterations."""
from copy import deepcopy
from pathlib import Path

import pytest

from xlearner_mm.doctor import examine
from xlearner_mm.doctor.disk import checkpoint_size
from xlearner_mm.registry import MODELS
from xlearner_mm.testing.runs import train


def line(cfg, word: str, **kwargs: int) -> str:
    """Return the one finding with a word in it."""
    found, = [str(f) for f in examine(cfg, **kwargs) if word in str(f)]
    return found


@pytest.mark.parametrize('optimizer', [
    dict(type='SGD', lr=0.01, momentum=0.9),
    dict(type='SGD', lr=0.01),
    dict(type='AdamW', lr=0.01)
])
def test_a_checkpoint_is_as_large_as_foreseen(config, optimizer):
    config.optim_wrapper.optimizer = optimizer
    foreseen = checkpoint_size(MODELS.build(deepcopy(config.model)), optimizer)
    train(config.to_dict(), stop_at=1)
    real = Path(config.work_dir, 'iter_1.pth').stat().st_size
    # Names, the config's text and one counter per weight come on top.
    assert foreseen < real < foreseen + 1_000_000


def test_no_room_for_all_is_noticed(config, only):
    config.default_hooks.checkpoint.max_keep_ckpts = -1
    config.train_cfg.max_iters = 10**9
    config.default_hooks.checkpoint.interval = 1
    assert 'work_dir: 1000000000 checkpoints of' in only(config, 'warning')


def test_no_room_for_one_is_an_error(config, only, full_disk):
    assert 'work_dir: 4 checkpoints of' in only(config)


@pytest.mark.parametrize('change', [
    dict(out_dir='s3://bucket/runs'),
    dict(out_dir='runs', backend_args=dict(backend='petrel'))
])
def test_checkpoints_that_go_elsewhere_need_no_room(config, find, full_disk,
                                                    change):
    config.default_hooks.checkpoint.update(change)
    assert find(config) == []


def test_room_is_looked_for_where_the_checkpoints_go(config, tmp_path):
    """In `out_dir`, below the last part of `work_dir`, as upstream has it."""
    out = tmp_path / 'out' / Path(config.work_dir).name
    out.mkdir(parents=True)
    config.default_hooks.checkpoint.out_dir = str(out.parent)
    text = line(config, 'checkpoints of')
    assert text.startswith('default_hooks.checkpoint.out_dir: ')
    assert text.endswith(f'are free in {out}')


@pytest.mark.parametrize('change, number', [
    (dict(interval=1, max_keep_ckpts=2), 3),
    (dict(interval=3, max_keep_ckpts=2), 2),
    (dict(interval=3, max_keep_ckpts=-1), 2),
    (dict(interval=4, max_keep_ckpts=2), 1),
    (dict(interval=4, save_best='auto'), 2),
    (dict(interval=1, save_begin=3, max_keep_ckpts=-1), 2),
    (dict(interval=2, save_begin=1, max_keep_ckpts=-1), 3),
    (dict(interval=1, save_begin=9, max_keep_ckpts=-1), 1),
    (dict(interval=3, save_last=False, max_keep_ckpts=-1), 1),
])
def test_checkpoints_that_lie_there_at_once_are_counted(
        config, change, number):
    config.default_hooks.checkpoint.update(change)  # of 4 iterations
    assert f'{number} checkpoints of' in line(config, 'checkpoints of')


def test_a_global_batch_larger_than_the_data_is_noticed(config, find, only):
    assert find(config, world_size=2) == []
    assert only(
        config, 'warning', world_size=3).startswith(
            "source 'things': 2 images x 3 processes = 6 an iteration, but "
            'there are 5')


def test_passes_over_the_data_are_told(config):
    text = line(config, 'a step of', world_size=2)
    assert 'things 2 (3.2 passes over 5)' in text  # 2 x 2 x 4 iterations


def test_lines_of_a_list_are_counted(config, tmp_path):
    file = tmp_path / 'list.txt'
    file.write_text(''.join(f'{i}.png 1\n' for i in range(11)))
    config.sources[0].train.ann_file = str(file)
    config.sources[0].train.metainfo = dict(classes=['a', 'b', 'c'])
    assert 'passes over 11)' in line(config, 'animals 3 (')


def test_the_rate_is_told_with_the_images_of_a_step(config):
    text = line(config, 'a step of', world_size=2)
    assert '14 images a step of SGD, lr 0.01, from 2 processes' in text
    config.optim_wrapper.accumulative_counts = 3
    assert '42 images a step' in line(config, 'a step of', world_size=2)


@pytest.mark.parametrize('world_size, noticed', [(1, True), (2, False)])
def test_other_processes_than_in_the_configs_name_are_noticed(
        config, find, world_size, noticed):
    object.__setattr__(config, '_filename', 'a/x_r18_2xb7-4_tiny.py')
    found = find(config, world_size=world_size)
    assert bool(found) == noticed
    assert not noticed or 'is named for 2 processes, here is 1' in (
        found[0].what)
