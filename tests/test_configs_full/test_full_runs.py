"""Steps and predictions of the configs at the paper's scale, on small files.

Widths and image sizes are an eighth of the config's; labels, classes, file
formats and pipelines are its own.
"""
import pytest
from full_configs import SETTINGS, find
from full_runs import (check_hints, check_losses_and_scores, last, run,
                       save_narrow)

from xlearner_mm.models.pruners import kept_weights

#: A step of each phase, then validation.
BOTH_PHASES = dict(
    train_cfg__max_iters=2, train_cfg__join_iter=1, train_cfg__val_interval=2)
#: One step, then validation.
ONE_STEP = dict(train_cfg__max_iters=1, train_cfg__val_interval=1)


@pytest.fixture(scope='module')
def segmenting(data, tmp_path_factory):
    """An expansion on seven sources."""
    return run(
        find('xlearner-expansion', 'cls3-det2-seg2'), data,
        tmp_path_factory.mktemp('expansion'), **BOTH_PHASES)


def test_expansion_trains_and_validates_seven_sources(segmenting):
    check_losses_and_scores(segmenting, 'cls3-det2-seg2')


@pytest.fixture(scope='module')
def squeezed(segmenting, data, tmp_path_factory):
    """The squeeze of that expansion."""
    return run(
        find('xlearner-squeeze', 'cls3-det2-seg2'),
        data,
        tmp_path_factory.mktemp('squeeze'),
        train_cfg__max_iters=1,
        model__teacher__init_cfg__checkpoint=last(segmenting))


def test_squeeze_trains_on_the_expansion(squeezed):
    check_hints(squeezed, 'cls3-det2-seg2', 'cls det seg')


def test_heads_train_and_validate_behind_the_student(segmenting, squeezed,
                                                     data, tmp_path):
    runner = run(
        find('xlearner-heads', 'cls3-det2-seg2'),
        data,
        tmp_path,
        **ONE_STEP,
        model__squeeze=last(squeezed),
        model__expansion=last(segmenting))
    check_losses_and_scores(runner, 'cls3-det2-seg2')
    idle = {
        name.split('.')[0]
        for name, p in runner.model.named_parameters() if not p.requires_grad
    }
    assert idle == {'student'}


def test_hard_sharing_trains_and_validates_eight_sources(data, tmp_path):
    runner = run(find('hard-sharing', 'cls5-det3'), data, tmp_path, **ONE_STEP)
    check_losses_and_scores(runner, 'cls5-det3')


def test_t_trains_in_both_phases_and_is_squeezed(data, tmp_path):
    expansion = run(
        find('xlearner-expansion-t'), data, tmp_path / 't', **BOTH_PHASES)
    check_losses_and_scores(expansion, 'cls3-det2')
    squeeze = run(
        find('xlearner-squeeze-t'),
        data,
        tmp_path / 'squeeze',
        train_cfg__max_iters=1,
        model__teacher__init_cfg__checkpoint=last(expansion))
    check_hints(squeeze, 'cls3-det2', 'cls det')


@pytest.mark.slow
def test_r_squeezes_its_teachers_and_joins_the_students(data, tmp_path):
    teachers = run(
        find('xlearner-teachers-r'),
        data,
        tmp_path / 'teachers',
        train_cfg__max_iters=1,
        train_cfg__join_iter=1)
    students = {}
    for task, setting in dict(cls='cls3', det='det2').items():
        squeeze = run(
            find('xlearner-squeeze-r', setting),
            data,
            tmp_path / task,
            train_cfg__max_iters=1,
            model__teacher__init_cfg__checkpoint=last(teachers))
        check_hints(squeeze, setting, task)
        students[f'model__task_checkpoints__{task}'] = last(squeeze)
    joined = run(
        find('xlearner-expansion-r'), data, tmp_path / 'joined', **ONE_STEP,
        **students)
    check_losses_and_scores(joined, 'cls3-det2')


def test_p_trains_and_validates_within_its_budget(data, tmp_path):
    expansion = save_narrow(find('xlearner-expansion'), tmp_path)
    runner = run(
        find('xlearner-prune-p'),
        data,
        tmp_path,
        **ONE_STEP,
        model__expansion=expansion)
    check_losses_and_scores(runner, 'cls3-det2')
    net = runner.model.backbone
    assert kept_weights(net) == net.budget


@pytest.mark.slow
def test_pp_has_hints_of_trained_teachers_and_is_squeezed(data, tmp_path):
    teacher = run(
        find('single-source', 'coco'), data, tmp_path / 'coco', **ONE_STEP)
    check_losses_and_scores(teacher, 'coco')
    files = {  # the others' networks are the same
        f'model__pre_distillation__teachers__{source}__init_cfg__checkpoint':
        last(teacher)
        for source in SETTINGS['cls3-det2']
    }
    expansion = run(
        find('xlearner-expansion-pp'), data, tmp_path / 'pp', **BOTH_PHASES,
        **files)
    check_losses_and_scores(expansion, 'cls3-det2')
    scalars = expansion.message_hub.log_scalars
    for source in SETTINGS['cls3-det2']:
        assert scalars[f'train/{source}.pre_hint_loss'].current() > 0
    squeeze = run(
        find('xlearner-squeeze-pp'),
        data,
        tmp_path / 'squeeze',
        train_cfg__max_iters=1,
        model__teacher__init_cfg__checkpoint=last(expansion))
    check_hints(squeeze, 'cls3-det2', 'cls det')
