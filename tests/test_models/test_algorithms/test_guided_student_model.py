"""The expansion's heads behind the guidance layers of a frozen student."""
from copy import deepcopy

import pytest
import torch
from mmengine.config import Config

from xlearner_mm.apis import extract_backbone
from xlearner_mm.errors import UserError
from xlearner_mm.registry import MODELS
from xlearner_mm.testing import tiny
from xlearner_mm.testing.runs import differences, gradients


def read(file) -> dict:
    """Return the weights in a checkpoint."""
    return torch.load(file, weights_only=False)['state_dict']


def build(cfg, **kwargs):
    """Build the model of a run, with some options replaced."""
    return MODELS.build(
        Config(dict(deepcopy(cfg['model']), **kwargs))._cfg_dict)


@pytest.fixture
def model(heads_run):
    """The model as a run starts."""
    model = build(heads_run)
    model.init_weights()
    return model


def below(state: dict, prefix: str) -> dict:
    return {
        k.removeprefix(prefix): v
        for k, v in state.items() if k.startswith(prefix)
    }


def test_student_and_heads_are_those_of_the_stages_before(model, heads_run):
    squeeze, expansion = (
        read(heads_run['model'][stage]) for stage in ('squeeze', 'expansion'))
    assert not list(
        differences(model.student.state_dict(), below(squeeze, 'student.')))
    assert not list(
        differences(model.heads.state_dict(), below(expansion, 'heads.')))


def test_guidance_layers_of_the_squeeze_are_taken_over(model, heads_run):
    trained = below(read(heads_run['model']['squeeze']), 'guidance.')
    assert {k.split('.')[0] for k in trained} == {'cls_3', 'det_3', 'seg_3'}
    own = model.guidance.state_dict()
    assert not list(differences({k: own[k] for k in trained}, trained))
    assert set(model.guidance) == {
        'cls_3', 'det_1', 'det_2', 'det_3', 'seg_2', 'seg_3'
    }


def test_training_leaves_the_student_as_it_was(heads_run):
    before = below(read(heads_run['model']['squeeze']), 'student.')
    after = read(f"{heads_run['work_dir']}/iter_4.pth")
    assert any(k.endswith('running_mean') for k in before)
    assert not list(differences(below(after, 'student.'), before))


def test_training_changes_all_guidance_layers_and_heads(model, heads_run):
    after = read(f"{heads_run['work_dir']}/iter_4.pth")
    for name, before in model.named_parameters():
        if not name.startswith('student.'):
            assert not torch.equal(after[name], before), name


def loss(model, batch) -> torch.Tensor:
    return model(**model.data_preprocessor(batch, True), mode='loss')['loss']


def test_gradients_reach_guidance_layers_and_heads_alone(model, batch):
    model.train()
    loss(model, batch).backward()
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters() if not n.startswith('student.')
    }


def test_a_student_that_is_not_frozen_gets_gradients(heads_run, batch):
    model = build(heads_run, freeze_student=False).train()
    loss(model, batch).backward()
    assert gradients(model) == {n for n, _ in model.named_parameters()}
    assert model.student.training


def test_heads_read_the_guided_features_of_their_task(model):
    model.eval()
    x = torch.rand(2, 3, 33, 65)
    student = model.student(x)
    for task, stages in dict(cls=[3], det=[1, 2, 3], seg=[2, 3]).items():
        for i, found in enumerate(model.extract(x, task)):
            expected = student[i]
            if i in stages:
                layer = model.guidance[f'{task}_{i}'].project
                expected = layer.bn(layer.conv(expected))
            assert torch.equal(found, expected)


def test_features_have_channels_and_strides_of_the_sub_backbones(heads_run):
    det = tiny.sub_backbone(
        base_channels=12, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2))
    teachers = dict(cls=tiny.sub_backbone(), det=det, seg=tiny.sub_backbone())
    model = build(heads_run, sub_backbone=teachers, guided_stages=None).eval()
    x = torch.rand(1, 3, 64, 96)
    net = MODELS.build(det)
    net.eval()  # whose result is None
    expected = net(x)
    found = model.extract(x, 'det')
    assert [f.shape for f in found] == [f.shape for f in expected]
    assert [f.shape for f in model.extract(x, 'cls')
            ] == [f.shape for f in model.student(x)]


def test_the_student_may_be_another_kind_of_network(heads_run):
    """MobileNetV2, whose outputs are counted otherwise than a ResNet's."""
    student = dict(
        type='mmpretrain.MobileNetV2',
        widen_factor=0.25,
        out_indices=(1, 2, 4, 7))
    model = build(
        heads_run, student=student, sub_backbone=tiny.sub_backbone()).eval()
    x = torch.rand(1, 3, 64, 96)
    net = MODELS.build(tiny.sub_backbone())
    net.eval()
    for i, (found, expected) in enumerate(
            zip(model.extract(x, 'seg'), net(x), strict=True)):
        assert found.shape[-2:] == expected.shape[-2:]
        assert i < 2 or found.shape == expected.shape  # guided


def count_passes(model) -> list:
    """Note the images of each pass of the student."""
    passes = []
    model.student.register_forward_pre_hook(
        lambda _, args: passes.append(len(args[0])))
    return passes


def test_equal_inputs_share_a_pass_in_prediction(model, batch):
    model.eval()
    samples = model.data_preprocessor(batch)['data_samples']
    samples = {name: found[:2] for name, found in samples.items()}
    x = torch.rand(2, 3, 32, 32)
    passes = count_passes(model)
    together = model({n: x.clone()
                      for n in samples},
                     deepcopy(samples),
                     mode='predict')
    assert passes == [2]
    for name, own in samples.items():
        alone = model({name: x}, {name: deepcopy(own)}, mode='predict')[name]
        for one, two in zip(together[name], alone, strict=True):
            assert not list(differences(plain(one), plain(two)))


def plain(sample) -> dict:
    """Return an upstream data sample as nested dictionaries."""
    return {
        k: plain(v) if hasattr(v, 'items') else v
        for k, v in sample.items()
    }


def test_unequal_inputs_do_not_share_a_pass(model, batch):
    model.eval()
    passes = count_passes(model)
    model.test_step(batch)
    assert passes == [3, 2, 2]


def test_exported_backbone_is_the_squeezed_one(heads_run):
    one, two = (
        extract_backbone(file)
        for file in (heads_run['model']['squeeze'],
                     heads_run['work_dir'] + '/iter_4.pth'))
    assert one.cfg == two.cfg
    assert not list(differences(one.state_dict, two.state_dict))


@pytest.mark.parametrize('options, message', [
    (dict(guided_stages=dict(pose=[3])), "names \\['pose'\\]"),
    (dict(guided_stages=dict(det=[4])), r'\[0, 1, 2, 3, 4\], but E\^det'),
    (dict(student=tiny.sub_backbone(out_indices=(3, )),
          sub_backbone=tiny.sub_backbone()), r'the student puts out \[3\]'),
])  # yapf: disable
def test_impossible_options_are_refused(heads_run, options, message):
    with pytest.raises(UserError, match=message):
        build(heads_run, **options)


@pytest.mark.parametrize('options, message', [
    (dict(squeeze='nowhere.pth'), 'no checkpoint at nowhere.pth'),
    (dict(expansion='nowhere.pth'), 'no checkpoint at nowhere.pth'),
    (dict(student=tiny.sub_backbone(base_channels=12)),
     'model.squeeze: .* does not fit the student'),
    (dict(sub_backbone=tiny.sub_backbone(base_channels=12)),
     'model.squeeze: .* does not fit the guidance layer cls_3'),
])
def test_files_that_do_not_fit_are_refused(heads_run, options, message):
    with pytest.raises(UserError, match=message):
        build(heads_run, **options).init_weights()


def test_an_expansion_without_a_sources_heads_is_refused(heads_run):
    cfg = deepcopy(heads_run)
    cfg['model']['sources'][1]['name'] = 'others'
    with pytest.raises(UserError, match=r"no heads that fit .*\['others'\]"):
        build(cfg).init_weights()
