"""Which earlier runs the configs at the paper's scale start from."""
from copy import deepcopy

import pytest
from full_configs import FILES, SETTINGS, end_of, find, parts, read
from mmengine.registry import MODELS

from xlearner_mm.models.pruners import num_weights


def without(cfg: dict, *keys: str) -> dict:
    """Copy a config, leaving out some of its entries."""
    return {k: deepcopy(v) for k, v in cfg.items() if k not in keys}


@pytest.mark.parametrize(
    'file',
    [f for f in FILES if 'squeeze' in f.stem and 'squeeze-r_' not in f.stem],
    ids=lambda file: file.stem)
def test_squeeze_reads_the_end_of_its_expansion(file):
    cfg, name = read(file), parts(file)
    expansion = find(name['algorithm'].replace('squeeze', 'expansion'),
                     name['setting'], int(name['depth']))
    assert cfg.model.teacher.init_cfg.checkpoint == end_of(expansion)
    assert cfg.model.teacher.init_cfg.prefix == 'backbone.'
    assert cfg.sources == read(expansion).sources
    teacher = without(cfg.model.teacher, 'init_cfg')
    assert teacher == read(expansion).model.backbone
    assert cfg.model.student == teacher['sub_backbone']


def test_heads_read_the_ends_of_squeeze_and_expansion():
    file = find('xlearner-heads', 'cls3-det2-seg2')
    squeeze, expansion = (
        find(f'xlearner-{stage}', 'cls3-det2-seg2')
        for stage in ('squeeze', 'expansion'))
    assert read(file).model.squeeze == end_of(squeeze)
    assert read(file).model.expansion == end_of(expansion)
    assert read(file).model.student == read(squeeze).model.student
    assert read(file).sources == read(expansion).sources


@pytest.mark.parametrize('setting, task', [('cls3', 'cls'), ('det2', 'det')])
def test_r_squeezes_the_end_of_its_teachers_on_one_tasks_sources(
        setting, task):
    cfg = read(find('xlearner-squeeze-r', setting))
    teachers = find('xlearner-teachers-r')
    assert cfg.model.teacher.init_cfg.checkpoint == end_of(teachers)
    assert without(cfg.model.teacher,
                   'init_cfg') == read(teachers).model.backbone
    assert cfg.sources == [s for s in read(teachers).sources if s.task == task]


def test_the_teachers_of_r_are_never_joined():
    loop = read(find('xlearner-teachers-r')).train_cfg
    assert loop.join_iter == loop.max_iters
    assert loop.max_iters % loop.val_interval == 0


def test_r_joins_the_ends_of_its_squeezes_at_once():
    cfg = read(find('xlearner-expansion-r'))
    squeezes = dict(
        cls=find('xlearner-squeeze-r', 'cls3'),
        det=find('xlearner-squeeze-r', 'det2'))
    assert cfg.model.task_checkpoints == {
        task: end_of(file)
        for task, file in squeezes.items()
    }
    for file in squeezes.values():
        assert cfg.model.backbone.sub_backbone == read(file).model.student
    assert cfg.train_cfg.join_iter == 0
    base = read(find('xlearner-expansion'))
    assert cfg.model.backbone.reconciliation == (
        base.model.backbone.reconciliation)


def test_t_differs_from_x_learner_in_the_gammas_direction_alone():
    cfg, base = (
        read(find(f'xlearner-expansion{v}')).model for v in ('-t', ''))
    gammas = cfg.backbone.reconciliation
    assert dict(
        gammas, type='BottomUpReconciliation') == (
            base.backbone.reconciliation)
    assert without(cfg, 'backbone') == without(base, 'backbone')
    assert cfg.backbone.sub_backbone == base.backbone.sub_backbone


def test_p_prunes_the_end_of_x_learners_expansion_and_stays_joined():
    cfg, base = read(find('xlearner-prune-p')), find('xlearner-expansion')
    assert cfg.model.expansion == end_of(base)
    assert cfg.sources == read(base).sources
    assert cfg.train_cfg.join_iter == 0
    pruned = without(cfg.model.backbone, 'budget')
    assert dict(pruned, type='ExpandedResNet') == read(base).model.backbone


def test_p_keeps_as_many_convolution_weights_as_one_resnet_50():
    cfg = read(find('xlearner-prune-p'))
    net = MODELS.build(
        dict(cfg.model.backbone, tasks=['cls', 'det'], _scope_='xlearner_mm'))
    one = MODELS.build(cfg.resnet)
    assert net.budget == num_weights(one) == 23_454_912


def test_pp_has_the_teacher_of_each_source_and_differs_in_nothing_else():
    cfg, base = (
        read(find(f'xlearner-expansion{v}')).model for v in ('-pp', ''))
    teachers = cfg.pre_distillation.teachers
    assert list(teachers) == SETTINGS['cls3-det2']
    for source, teacher in teachers.items():
        run = find('single-source', source)
        assert teacher.init_cfg.checkpoint == end_of(run)
        assert without(teacher, 'init_cfg') == read(run).model.backbone
    assert without(cfg, 'pre_distillation') == base


def images(*files) -> int:
    """Count the images that some runs show, per GPU."""
    return sum(int(parts(f)['batch']) * int(parts(f)['iters']) for f in files)


def test_all_but_pp_see_as_many_images_as_x_learner():
    expected = images(find('xlearner-expansion'), find('xlearner-squeeze'))
    for variant in ('-no-rec', '-t'):
        assert expected == images(
            find(f'xlearner-expansion{variant}'),
            find(f'xlearner-squeeze{variant}'))
    assert expected == images(
        find('xlearner-teachers-r'), find('xlearner-squeeze-r', 'cls3'),
        find('xlearner-squeeze-r', 'det2'), find('xlearner-expansion-r'))
    assert expected == images(
        find('xlearner-expansion'), find('xlearner-prune-p'))
    assert expected == images(find('hard-sharing'))
