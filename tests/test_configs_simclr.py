"""The SimCLR baseline: stock mmpretrain, its checkpoint any other's equal."""
from pathlib import Path
from uuid import uuid4

import mmpretrain
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import Runner
from modelindex.load_model_index import load

from xlearner_mm.apis import load_config, read_backbone, shape_of, write_plain
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.systems import images_seen
from xlearner_mm.testing.runs import differences
from xlearner_mm.testing.shrinking import shrink
from xlearner_mm.testing.source_files import write_imagenet

ROOT = Path(__file__).parents[1]
DEMO = ROOT / 'configs/demo/simclr_r18_demo-cls2-det2.py'
FULL = ROOT / 'configs/baselines/simclr_r50_16xb256-250k_imagenet.py'
RECIPE = (
    Path(mmpretrain.__file__).parent / '.mim/configs/simclr/'
    'simclr_resnet50_16xb256-coslr-200e_in1k.py')


@pytest.fixture(scope='module', autouse=True)
def own_scope_afterwards():
    """Runners of mmpretrain leave its scope to the tests after these."""
    yield
    DefaultScope.get_instance(uuid4().hex, scope_name='xlearner_mm')


@pytest.fixture(scope='module')
def data(tmp_path_factory, written_sources):
    """Twelve images of each of the demo's sources, three of ImageNet."""
    root = tmp_path_factory.mktemp('simclr')
    few = dict(num_train=12, num_val=12, num_transfer=12, num_test=12)
    generate_demo_data(root / 'demo', **few)
    write_imagenet(root / 'imagenet')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XLEARNER_DEMO_DATA', str(root / 'demo'))
        patch.setenv('XLEARNER_DATA', str(root))
        yield root


def run(file: Path, work_dir: Path, **train_cfg) -> Runner:
    """Train a config with batches of three images on one process."""
    cfg = load_config(str(file))
    if file == FULL:
        shrink(cfg)
    cfg.train_cfg.update(train_cfg)
    cfg.train_dataloader.update(
        batch_size=3, num_workers=0, persistent_workers=False)
    cfg.default_hooks.checkpoint.interval = 1
    cfg.work_dir, cfg.experiment_name = str(work_dir), uuid4().hex
    cfg.log_level, cfg.resume = 'WARNING', work_dir.exists()
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


@pytest.fixture(scope='module')
def trained(data, tmp_path_factory):
    """The demo's run, of one iteration."""
    return run(DEMO, tmp_path_factory.mktemp('run') / 'a', max_iters=1)


def test_demo_sees_as_many_images_as_the_other_methods():
    cfg = load_config(str(DEMO))
    other = load_config(str(DEMO.with_stem('hard-sharing_r18_demo-cls2-det2')))
    assert images_seen(other) == (
        cfg.train_cfg.max_iters * cfg.train_dataloader.batch_size)


def test_demo_says_how_it_is_run():
    text = DEMO.read_text()
    assert 'Table 2' in text and f'configs/demo/{DEMO.name}' in text
    assert len(text.splitlines()) <= 40


def test_demo_reads_all_four_sources_without_labels(trained, data):
    images = trained.train_dataloader.dataset
    infos = [images.get_data_info(i) for i in range(len(images))]
    folders = {'shapes', 'materials', 'parts', 'fabric'}
    assert {Path(i['img_path'])
            for i in infos} == {
                f
                for name in folders
                for f in (data / 'demo' / name / 'train').rglob('*.jpg')
            }
    assert not any('gt_label' in info for info in infos)


def test_an_image_gives_two_different_views(trained):
    first, second = trained.train_dataloader.dataset[0]['inputs']
    assert first.shape == second.shape == (3, 64, 64)
    assert not torch.equal(first, second)


def test_a_run_repeats_and_goes_on_where_it_ended(trained, data, tmp_path):
    again = run(DEMO, tmp_path / 'b', max_iters=1)
    assert not list(
        differences(again.model.state_dict(), trained.model.state_dict()))
    longer = run(DEMO, tmp_path / 'b', max_iters=2)
    assert longer.iter == 2
    assert longer.model.backbone.bn1.num_batches_tracked == 2


@pytest.mark.parametrize('file', [DEMO, FULL], ids=lambda file: file.stem)
def test_plain_file_of_a_run_fits_mmpretrain(file, data, tmp_path):
    runner = run(file, tmp_path / 'run', max_iters=1)
    loss = runner.message_hub.log_scalars['train/loss'].current()
    assert 0 < loss < 10
    written = tmp_path / 'plain.pth'
    write_plain(str(tmp_path / 'run/iter_1.pth'), written)
    depth, width = shape_of(read_backbone(str(written)))
    plain = MODELS.build(
        dict(
            type='mmpretrain.ResNet',
            depth=depth,
            base_channels=width,
            stem_channels=width))
    plain.load_state_dict(torch.load(written, weights_only=True))
    backbone = runner.model.backbone
    backbone.eval(), plain.eval()
    image = torch.rand(2, 3, 33, 65)
    assert torch.equal(backbone(image)[-1], plain(image)[-1])


def test_full_scale_is_the_recipe_of_mmpretrain():
    cfg, recipe = load_config(str(FULL)), Config.fromfile(RECIPE)
    assert cfg.optim_wrapper == recipe.optim_wrapper
    assert cfg.model.head == recipe.model.head
    neck = dict(cfg.model.neck, num_layers=2, with_avg_pool=True)
    assert neck.pop('norm_cfg').type == 'BN1d' and cfg.sync_bn == 'torch'
    assert neck == recipe.model.neck
    assert cfg.model.backbone.zero_init_residual
    assert cfg.model.backbone.depth == recipe.model.backbone.depth
    assert cfg.data_preprocessor == recipe.data_preprocessor
    ours, theirs = cfg.train_dataloader, recipe.train_dataloader
    assert ours.batch_size == theirs.batch_size == 256
    assert ours.collate_fn == theirs.collate_fn
    assert ours.dataset.pipeline == theirs.dataset.pipeline
    warm_up, cosine = cfg.param_scheduler
    epoch = 1_281_167 / 4096
    assert warm_up.start_factor == recipe.param_scheduler[0].start_factor
    assert warm_up.end == cosine.begin == pytest.approx(10 * epoch, abs=3)
    assert cosine.end == cfg.train_cfg.max_iters == cosine.T_max + warm_up.end
    assert cosine.end == pytest.approx(800 * epoch, rel=0.01)


def test_full_scale_is_listed_and_says_what_it_aims_at():
    text = FULL.read_text()
    assert 'Table 2' in text and 'Not trained.' in text
    path = f'configs/baselines/{FULL.name}'
    assert f'{path} 8' in text
    model, = [
        m for m in load(str(ROOT / 'model-index.yml')).models
        if m.config == path
    ]
    assert model.name == FULL.stem and model.results is None
    assert model.metadata.batch_size == 16 * 256
    assert model.metadata.data['Iterations'] == 250_000
    row, = [
        line for line in (FULL.parent / 'README.md').read_text().splitlines()
        if f']({FULL.name})' in line
    ]
    assert 'AVG Cls 74.6, Det 82.9, Seg 74.1' in row
    assert row.endswith('| not trained |')


@pytest.mark.parametrize('file', [DEMO, FULL], ids=lambda file: file.stem)
def test_nothing_of_ours_is_built(file):
    cfg = load_config(str(file))
    assert cfg.default_scope == 'mmpretrain' and cfg.custom_hooks == []
    assert cfg.train_cfg.type == 'IterBasedTrainLoop'
    assert type(MODELS.build(
        cfg.model)).__module__ == 'mmpretrain.models.selfsup.simclr'
