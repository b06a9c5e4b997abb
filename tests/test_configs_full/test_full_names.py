"""What the configs at the paper's scale say, and what says them."""
import re
from functools import cache

import pytest
from full_configs import (ALGORITHMS, FILES, INTO_OTHERS, ROOT, SETTINGS,
                          networks, parts, read)
from modelindex.load_model_index import load
from modelindex.models.ModelIndex import ModelIndex

from xlearner_mm.sources import check_copies

CLASSES = dict(
    imagenet=1000,
    inat2021=10000,
    places365=365,
    compcars=431,
    tsinghua_dogs=130,
    coco=80,
    objects365=365,
    wider_face=1,
    ade20k=150,
    coco_stuff=171)
#: Of the optimizer, where it is not the paper's 0.2.
RATES = {
    'xlearner-squeeze': 0.02,
    'xlearner-prune': 0.02,
    'xlearner-heads': 0.02
}
#: Tables 2 to 6; each expansion of these has its squeeze.
ROWS = {
    ('xlearner-expansion', '50', 'cls3-det2'),
    ('xlearner-expansion', '50', 'cls5-det2'),
    ('xlearner-expansion', '50', 'cls5-det3'),
    ('xlearner-expansion', '50', 'cls3-det2-seg2'),
    ('xlearner-expansion', '152', 'cls3-det2-seg2'),
    ('xlearner-expansion-no-rec', '50', 'cls3-det2'),
    ('xlearner-expansion-pp', '50', 'cls3-det2'),
    ('xlearner-expansion-t', '50', 'cls3-det2'),
    ('hard-sharing', '50', 'cls3-det2'), ('hard-sharing', '50', 'cls5-det2'),
    ('hard-sharing', '50', 'cls5-det3'), ('single-source', '50', 'imagenet'),
    ('must', '152', 'cls1-det1-seg1'),
    ('must-teachers', '152', 'cls1-det1-seg1')
}
#: The runs of X-Learner_r and X-Learner_p, X-Learner++'s further teachers, and
#: what comes after the squeeze.
STEPS = {('xlearner-teachers-r', '50', 'cls3-det2'),
         ('xlearner-squeeze-r', '50', 'cls3'),
         ('xlearner-squeeze-r', '50', 'det2'),
         ('xlearner-expansion-r', '50', 'cls3-det2'),
         ('xlearner-prune-p', '50', 'cls3-det2'),
         ('xlearner-heads', '50', 'cls3-det2-seg2'),
         *(('single-source', '50', name)
           for name in ('inat2021', 'places365', 'coco', 'objects365'))}


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_name_agrees_with_content(file):
    cfg, name = read(file), parts(file)
    check_copies(cfg)
    model, gammas = ALGORITHMS[name['algorithm']]
    assert cfg.model.type == model
    expanded = (
        cfg.model.get('backbone') or cfg.model.get('teacher')
        or cfg.model.student)
    assert (expanded.get('reconciliation') or {}).get('type') == gammas
    assert {net.depth for net in networks(cfg)} == {int(name['depth'])}
    assert {net.norm_eval for net in networks(cfg)} == {False}
    width = int(name['width'] or 64)
    assert networks(cfg)[-1].base_channels == width
    assert all(n.base_channels == n.stem_channels for n in networks(cfg))
    assert name['gpus'] == '8'
    assert int(name['batch']) == sum(s.batch_size for s in cfg.sources)
    assert int(name['iters']) * 1000 == cfg.train_cfg.max_iters
    assert [s.name for s in cfg.sources] == SETTINGS[name['setting']]
    for source in cfg.sources:
        head = source.model.get('head') or source.model.get('decode_head')
        head = head or source.model.roi_head.bbox_head
        assert head.num_classes == CLASSES[source.name]
    images = {s.task: 0 for s in cfg.sources}
    for source in cfg.sources:
        images[source.task] += 8 * source.batch_size
    assert images.get('cls', 512) == 512


@pytest.mark.parametrize(
    'file', FILES + INTO_OTHERS, ids=lambda file: file.stem)
def test_optimizer_and_schedule_are_the_papers(file):
    cfg = read(file)
    optimizer = dict(cfg.optim_wrapper.optimizer)
    expected = [r for a, r in RATES.items() if file.stem.startswith(a)] or [
        0.04 if file.stem.startswith('single-source')
        and cfg.sources[0].task == 'det' else 0.2
    ]
    assert [optimizer.pop('lr')] == expected
    assert optimizer == dict(type='SGD', momentum=0.9, weight_decay=1e-4)
    warm_up, *steps = cfg.param_scheduler
    assert warm_up.type == 'LinearLR' and warm_up.end == 2000
    assert [(s.fraction, s.gamma) for s in steps] == [(0.5, 0.5), (0.7, 0.2),
                                                      (0.9, 0.1)]


@pytest.mark.parametrize(
    'file', FILES + INTO_OTHERS, ids=lambda file: file.stem)
def test_docstring_says_what_it_aims_at(file):
    text = file.read_text()
    assert len(text.splitlines()) <= 40
    docstring = text.split('"""')[1]
    assert re.search(r'Tables? \d', ' '.join(docstring.split()))
    assert 'Not trained.' in ' '.join(docstring.split())
    folder = file.parent.name
    assert f'configs/{folder}/{file.name} 8' in docstring


def test_every_row_of_the_tables_has_its_configs():
    names = [parts(file) for file in FILES]
    found = {(n['algorithm'], n['depth'], n['setting']) for n in names}
    squeezes = {(a.replace('expansion', 'squeeze'), d, s)
                for a, d, s in ROWS if a.startswith('xlearner')}
    assert found == ROWS | squeezes | STEPS


@pytest.mark.parametrize(
    'file', FILES + INTO_OTHERS, ids=lambda file: file.stem)
def test_metafile_and_readme_have_the_config(file):
    cfg, name = read(file), parts(file)
    path = f'configs/{file.parent.name}/{file.name}'
    model, = [m for m in load_index().models if m.config == path]
    assert model.name == file.stem
    assert model.weights is None and model.results is None
    images = int(name['gpus']) * int(name['batch'])
    assert model.metadata.batch_size == images
    assert model.metadata.data['Iterations'] == cfg.train_cfg.max_iters
    assert len(model.metadata.training_data) == len(cfg.sources)
    rows = [
        line for line in (file.parent / 'README.md').read_text().splitlines()
        if f']({file.name})' in line and line.endswith('| not trained |')
    ]
    assert len(rows) == 1


@cache
def load_index() -> ModelIndex:
    """Read model-index.yml as upstream does."""
    return load(str(ROOT / 'model-index.yml'))
