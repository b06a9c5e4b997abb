"""Every source's answer about an image, from one pass of the student."""
import json
import runpy
import sys
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from xlearner_mm.apis import MultiTaskInferencer, run_tool
from xlearner_mm.apis.inference import class_names
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.sources import parse_sources
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import build_runner, differences

NAMES = ['animals', 'things', 'stuff']
ALL = dict(score_thr=0.0)
DEMO = Path(__file__).parents[2] / 'demo/image_demo.py'


@pytest.fixture(scope='module')
def weights(heads_run):
    return heads_run['work_dir'] + '/iter_4.pth'


def build(cfg, weights, **kwargs) -> MultiTaskInferencer:
    return MultiTaskInferencer(
        Config(deepcopy(cfg)),
        weights,
        device='cpu',
        show_progress=False,
        **kwargs)


@pytest.fixture(scope='module')
def ask(heads_run, weights):
    """An inferencer for images as they are."""
    return build(heads_run, weights)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Three images of two sizes, and a file that is none."""
    root = tmp_path_factory.mktemp('photos')
    rng = np.random.default_rng(0)
    for name, shape in dict(a=(50, 70), b=(64, 96), c=(50, 70)).items():
        blocks = rng.integers(0, 256,
                              (-(-shape[0] // 8), -(-shape[1] // 8), 3))
        pixels = np.kron(blocks, np.ones((8, 8, 1))).astype(np.uint8)
        cv2.imwrite(str(root / f'{name}.png'), pixels[:shape[0], :shape[1]])
    (root / 'notes.txt').write_text('no image')
    return root


@pytest.fixture(scope='module')
def files(folder):
    return sorted(folder.glob('*.png'))


@pytest.fixture(scope='module')
def answers(ask, files):
    """What is answered about each image by itself."""
    return [ask(file, **ALL)['predictions'][0] for file in files]


def assert_alike(one, two, path=''):
    """Compare answers, up to what the order of summation changes."""
    assert type(one) is type(two), path
    if isinstance(one, dict):
        assert one.keys() == two.keys(), path
        for key in one:
            assert_alike(one[key], two[key], f'{path}/{key}')
    elif isinstance(one, list) and one and isinstance(one[0], str):
        assert one == two, path
    else:
        np.testing.assert_allclose(one, two, atol=2e-3, err_msg=path)


def unformatted(cfg) -> str:
    """Return the text of a config, whose formatting takes seconds."""
    return Config(deepcopy(cfg), format_python_code=False).pretty_text


@pytest.mark.parametrize('batch_size', [1, 3])
@pytest.mark.parametrize('kind', ['folder', 'paths', 'strings', 'arrays'])
def test_answers_do_not_depend_on_kind_and_batch_size(ask, folder, files,
                                                      answers, kind,
                                                      batch_size):
    inputs = dict(
        folder=folder,
        paths=files,
        strings=[str(f) for f in files],
        arrays=[cv2.imread(str(f)) for f in files])[kind]
    found = ask(inputs, batch_size=batch_size, **ALL)['predictions']
    assert len(found) == 3
    for one, two in zip(found, answers):
        assert_alike(one, two)


@pytest.fixture
def passes(ask):
    """Sizes of the batches that pass through the student."""
    sizes = []
    handle = ask.model.student.register_forward_pre_hook(
        lambda _, args: sizes.append(tuple(args[0].shape)))
    yield sizes
    handle.remove()


def test_an_image_passes_through_the_student_once(ask, files, passes):
    ask(files[0])
    assert passes == [(1, 3, 64, 64)]


def test_images_of_one_size_pass_together(ask, files, passes):
    ask(files, batch_size=3)
    assert sorted(passes) == [(1, 3, 64, 96), (2, 3, 64, 64)]


def test_sources_that_are_not_asked_cost_nothing(ask, files, passes):
    found, = ask(files[0], sources=['stuff', 'animals'])['predictions']
    assert list(found) == ['animals', 'stuff'] and len(passes) == 1
    assert 'mask' in found['stuff']


def test_answers_are_the_heads_own_on_features_computed_by_hand(
        ask, files, heads_run, weights):
    """Upstream's models, asked one by one with features."""
    pixels = cv2.imread(str(files[0]))
    x = torch.from_numpy(cv2.resize(pixels, (64, 64))[..., ::-1].copy())
    mean, std = (torch.tensor(tiny.MEAN_STD[k]) for k in ('mean', 'std'))
    x = ((x - mean) / std).permute(2, 0, 1)[None].float()
    model = MODELS.build(Config(deepcopy(heads_run['model']))._cfg_dict)
    model.load_state_dict(
        torch.load(weights, weights_only=False)['state_dict'])
    model.eval()
    samples, = ask(files[0], return_datasamples=True)['predictions']
    with torch.no_grad():
        student = model.student(x)
        feats = {
            task:
            tuple(model.guidance[f'{task}_{i}']
                  (f, f.shape[-2:]) if f'{task}_{i}' in model.guidance else f
                  for i, f in enumerate(student))
            for task in ('cls', 'det', 'seg')
        }
        heads = model.heads
        scores = heads['animals'].predict(feats['cls'])[0].pred_score
        metas = dict(
            img_shape=(64, 64),
            ori_shape=(50, 70),
            scale_factor=(64 / 70, 64 / 50))
        sample = samples['things'].clone()
        sample.set_metainfo(metas)
        boxes = heads['things'].predict(feats['det'], [sample])[0]
        logits = heads['stuff'].decode_head(feats['seg'])
        for size in ((64, 64), (50, 70)):
            logits = torch.nn.functional.interpolate(
                logits, size, mode='bilinear')
    close = dict(rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(samples['animals'].pred_score, scores, **close)
    for key in ('bboxes', 'scores', 'labels'):
        torch.testing.assert_close(samples['things'].pred_instances[key],
                                   boxes.pred_instances[key], **close)
    mask = samples['stuff'].pred_sem_seg.data
    assert (mask == logits.argmax(1)).float().mean() > 0.999


def test_own_inputs_give_the_answers_of_validation(heads_run, weights):
    ask = build(heads_run, weights, own_inputs=True)
    cfg = deepcopy(heads_run)
    parts = dict(sources=cfg['sources'])
    cfg.update(
        val_dataloader=parts,
        val_evaluator=parts,
        val_cfg=dict(type='MultiSourceValLoop'),
        load_from=weights)
    runner = build_runner(cfg)
    runner.load_or_resume()
    runner.model.eval()
    for name, loader in runner.build_val_loop(
            cfg['val_cfg']).dataloader.items():
        batch = next(iter(loader))
        expected = runner.model.val_step({name: batch})[name][0]
        found = ask(
            expected.img_path, sources=[name],
            return_datasamples=True)['predictions'][0][name]
        for key in ('pred_score', 'pred_sem_seg', 'pred_instances'):
            if key in expected:
                one, two = (
                    dict(v.items()) if hasattr(v, 'items') else v
                    for v in (getattr(found, key), getattr(expected, key)))
                assert not list(differences(one, two)), (name, key)


def test_scale_is_the_argument_else_the_configs(heads_run, weights, files):

    def size(cfg, **kwargs) -> tuple:
        sample = build(cfg, weights, **kwargs)(
            files[1], sources=['things'],
            return_datasamples=True)['predictions'][0]['things']
        return sample.img_shape

    cfg = dict(heads_run, infer_scale=(160, 64))
    assert size(heads_run) == (64, 96)
    assert size(cfg) == (64, 96)
    assert size(cfg, scale=(192, 192)) == (128, 192)
    assert size(cfg, scale=(10, 10)) == (32, 32)


def test_boxes_and_masks_are_in_pixels_of_the_image(ask):
    """Images of one color are one input, whatever their size."""
    one, two = ask([np.full((h, 2 * h, 3), 90, np.uint8) for h in (32, 33)],
                   **ALL)['predictions']
    for answer, height in ((one, 32), (two, 33)):
        assert answer['stuff']['mask'].shape == (height, 2 * height)
    assert one['things']['scores'] == two['things']['scores']
    assert len(one['things']['boxes']) > 1
    np.testing.assert_allclose(
        np.array(two['things']['boxes']) / 33,
        np.array(one['things']['boxes']) / 32,
        atol=1e-5)


def test_score_threshold_and_topk_cut_the_answers(ask, files, answers):
    samples, = ask(files[0], return_datasamples=True)['predictions']
    scores = samples['things'].pred_instances.scores
    thr = scores.median().item()
    found, = ask(files[0], score_thr=thr, topk=2)['predictions']
    assert len(found['things']['boxes']) == (scores >= thr).sum()
    assert 0 < len(found['things']['boxes']) < len(scores)
    assert found['animals']['labels'] == answers[0]['animals']['labels'][:2]


def test_classes_are_called_what_the_datasets_called_them(answers):
    one = answers[0]
    assert sorted(
        one['animals']['classes']) == [f'class_{i}' for i in (0, 1, 2)]
    assert set(one['things']['classes']) <= {'thing_0', 'thing_1'}
    assert set(one['stuff']['classes']) <= {f'stuff_{i}' for i in (0, 1, 2)}
    labels = one['things']['labels']
    assert one['things']['classes'] == [f'thing_{n}' for n in labels]


def test_names_of_a_bare_state_dict_are_the_configs_or_none(heads_run):
    animals, things, stuff = parse_sources(heads_run['sources'])
    assert class_names(things, {}) == ['thing_0', 'thing_1']
    assert class_names(animals, {}) is None


def test_no_dataset_has_to_be_there(heads_run, weights, files, answers):
    text = unformatted(heads_run)
    root = str(Path(heads_run['sources'][0]['train']['data_root']).parent)
    cfg = Config.fromstring(text.replace(root, '/nowhere'), '.py')
    assert cfg.sources[1].val.data_root == '/nowhere/things'
    found, = MultiTaskInferencer(
        cfg, weights, device='cpu', show_progress=False)(files[0], **ALL)[
            'predictions']  # yapf: disable
    assert_alike(found, answers[0])


def test_files_hold_the_answers(ask, files, answers, tmp_path):
    found = ask(files, out_dir=tmp_path, return_vis=True, **ALL)
    for file, answer, picture in zip(files, answers, found['visualization']):
        held = json.loads((tmp_path / f'{file.stem}.json').read_text())
        mask = cv2.imread(
            str(tmp_path / held['stuff']['mask']), cv2.IMREAD_UNCHANGED)
        held['stuff']['mask'] = mask
        assert_alike(held, answer)
        drawn = cv2.imread(str(tmp_path / f'{file.stem}.png'))
        assert (drawn[..., ::-1] == picture).all() and picture.std() > 10


def test_progress_bar_counts_batches(heads_run, weights, files, capsys):
    ask = build(heads_run, weights)
    ask.show_progress = True
    ask(files, batch_size=2)
    assert '100%' in capsys.readouterr().out


@pytest.mark.parametrize('inputs, options, message', [
    ('nowhere.png', {}, 'no image at nowhere.png'),
    ('{folder}/notes.txt', {}, 'notes.txt is no image'),
    (np.zeros((4, 4), np.uint8), {}, r'not ndarray \(4, 4\) uint8'),
    (np.zeros((4, 4, 3)), {}, r'not ndarray \(4, 4, 3\) float64'),
    ([], {}, 'no images'),
    ('{folder}', dict(sources=['plants']), r"no sources \['plants'\]"),
    ('{folder}', dict(sources=[]), r"choose some of \['animals', 'things'"),
    ('{folder}', dict(batch_size=0), 'batch_size=0'),
])
def test_wrong_input_is_refused(ask, folder, inputs, options, message):
    if isinstance(inputs, str):
        inputs = inputs.format(folder=folder)
    with pytest.raises(UserError, match=message):
        ask(inputs, **options)


def test_wrong_weights_and_configs_are_refused(heads_run, weights):
    with pytest.raises(UserError, match='no checkpoint at nowhere.pth'):
        build(heads_run, 'nowhere.pth')
    with pytest.raises(UserError, match='iter_2.pth does not fit'):
        build(heads_run, heads_run['model']['squeeze'])
    cfg = dict(heads_run, model=dict(
        type='HardSharingModel', backbone=tiny.sub_backbone(),
        sources=heads_run['sources']))  # yapf: disable
    with pytest.raises(UserError, match='HardSharingModel has no heads beh'):
        build(cfg, weights)
    with pytest.raises(UserError, match='no list `sources`; give a config'):
        build(dict(model=cfg['model']), weights)


def test_a_source_without_test_pipeline_is_refused(heads_run, weights):
    cfg = deepcopy(heads_run)
    for source in (cfg['sources'][1], cfg['model']['sources'][1]):
        source['val'] = None
    with pytest.raises(UserError, match="'things': neither `test` nor `val`"):
        build(cfg, weights)


def image_demo(monkeypatch, *args) -> None:
    """Run the command line tool in this process."""
    monkeypatch.setattr(sys, 'argv', ['image_demo.py', *map(str, args)])
    run_tool(runpy.run_path(str(DEMO))['main'])


def test_tool_writes_pictures_and_answers(heads_run, weights, folder, tmp_path,
                                          monkeypatch, capsys):
    config = tmp_path / 'heads.py'
    config.write_text(unformatted(heads_run))
    image_demo(monkeypatch, folder, config, weights, '--out-dir',
               tmp_path / 'out', '--device', 'cpu', '--batch-size', 2,
               '--sources', 'things', 'stuff')
    assert '3 images' in capsys.readouterr().out
    assert {f.name
            for f in (tmp_path / 'out').iterdir()} == {
                f'{stem}{end}'
                for stem in 'abc'
                for end in ('.png', '.json', '.stuff.png')
            }


def test_tool_tells_a_mistake_without_traceback(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match='error: no config at nowhere.py'):
        image_demo(monkeypatch, tmp_path, 'nowhere.py', 'nowhere.pth')
