"""PretrainedCheckHook in MMEngine's own runner, on a tiny ResNet-18."""
import logging
from uuid import uuid4

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from xlearner_mm.engine.hooks.pretrained_check_hook import UNSET
from xlearner_mm.errors import UserError

RESNET = dict(
    type='mmpretrain.ResNet', depth=18, base_channels=8, stem_channels=8)
#: In the tiny network: convolutions and batch norms, without counters.
ENTRIES = 100


class Net(BaseModel):
    """A backbone and a head; its loss is the mean of the last feature."""

    def __init__(self, backbone: dict) -> None:
        super().__init__()
        self.backbone = MODELS.build(backbone)
        self.head = torch.nn.BatchNorm2d(64)

    def forward(self, inputs, mode='tensor'):
        feature = self.head(self.backbone(inputs)[-1])
        return dict(loss=feature.square().mean()) if mode == 'loss' else [{}]


def resnet(file, **kwargs) -> dict:
    init_cfg = dict(type='Pretrained', checkpoint=str(file))
    return dict(RESNET, init_cfg=init_cfg, **kwargs)


def run(work_dir, file, backbone=None, iters=1, **kwargs) -> Runner:
    """Build a runner with the hook on `file`."""
    hook = dict(
        type='xlearner_mm.PretrainedCheckHook',
        checkpoint=str(file),
        **kwargs.pop('hook', {}))
    images = torch.rand(
        4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    training = dict(
        train_dataloader=DataLoader([dict(inputs=image) for image in images],
                                    batch_size=4),
        train_cfg=dict(by_epoch=False, max_iters=iters),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)))
    return Runner(
        **{
            **training,
            **dict(
                model=Net(backbone or resnet(file)),
                work_dir=str(work_dir),
                default_hooks=dict(
                    checkpoint=dict(
                        type='CheckpointHook', by_epoch=False, interval=1)),
                custom_hooks=[hook],
                default_scope='mmengine',
                experiment_name=uuid4().hex),
            **kwargs
        })


@pytest.fixture
def file(tmp_path):
    """A bare state dict of random weights, also in the batch norms."""
    state = MODELS.build(RESNET).state_dict()
    for value in state.values():
        if value.is_floating_point():
            value.uniform_(0.1, 0.2)
    torch.save(state, tmp_path / 'r18.pth')
    return tmp_path / 'r18.pth'


def change(file, function) -> None:
    """Write the state dict anew."""
    torch.save(function(torch.load(file, weights_only=True)), file)


def messages(runner, monkeypatch) -> list[str]:
    """Collect what the runner logs from now on, in full."""
    found = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())
    monkeypatch.setattr(runner.logger, 'handlers', [handler])
    return found


def test_all_weights_reach_the_backbone_and_the_log_says_so(
        file, tmp_path, monkeypatch):
    runner = run(tmp_path, file)
    logged = messages(runner, monkeypatch)
    runner.train()
    assert (f'all {ENTRIES} entries of {file} are in backbone; random: none'
            in logged)


def test_a_file_under_state_dict_or_with_a_classifier_is_fine(file, tmp_path):
    change(
        file, lambda state: dict(
            state_dict={
                **{
                    k: v
                    for k, v in state.items() if 'num_batches' not in k
                }, 'fc.weight': torch.zeros(9, 64)
            }))
    run(tmp_path, file).train()


def test_a_prefix_says_which_part_of_a_file_is_compared(
        file, tmp_path, monkeypatch):
    change(
        file, lambda state: {
            'head.bias': torch.zeros(2),
            **{
                f'net.{k}': v
                for k, v in state.items()
            }
        })
    backbone = resnet(file)
    backbone['init_cfg']['prefix'] = 'net.'
    runner = run(tmp_path, file, backbone, hook=dict(prefix='net.'))
    logged = messages(runner, monkeypatch)
    runner.train()
    assert any(line.startswith(f'all {ENTRIES} entries') for line in logged)
    with pytest.raises(UserError, match='0 entries reached'):
        run(tmp_path, file, backbone, hook=dict(prefix='head.')).train()


@pytest.mark.parametrize('kwargs, message', [
    (dict(depth=34), r'100 entries reached.*lost: none; stayed random: '
     r'backbone\.layer1\.2\.conv1\.weight'),
    (dict(base_channels=16, stem_channels=16),
     r'0 entries reached.*conv1\.weight \(8, 3, 7, 7\) \(there: \(16, 3, 7, '
     r'7\)\)'),
    (dict(type='mmseg.ResNetV1c'),
     r'lost: conv1\.weight \(in no module\).*stayed random: backbone\.stem'),
    (dict(init_cfg=None), r'0 entries reached.*other values'),
])  # yapf: disable
def test_another_network_than_the_files_stops_the_run(file, tmp_path, kwargs,
                                                      message):
    backbone = resnet(file) | kwargs
    if 'base_channels' in kwargs:
        net = Net(backbone)
        net.head = torch.nn.BatchNorm2d(128)
        runner = run(tmp_path, file, model=net)
    else:
        runner = run(tmp_path, file, backbone)
    with pytest.raises(UserError, match=message) as error:
        runner.train()
    assert str(file) in str(error.value)
    assert runner.iter == 0


def test_names_with_a_prefix_stop_the_run(file, tmp_path):
    change(file, lambda s: {f'backbone.{k}': v for k, v in s.items()})
    with pytest.raises(
            UserError, match=r'lost: backbone\.conv1\.weight \(in no module'):
        run(tmp_path, file).train()


def test_one_missing_entry_stops_the_run(file, tmp_path):
    change(file, lambda s: {k: v for k, v in s.items() if k != 'bn1.bias'})
    with pytest.raises(UserError, match='99 entries.*random: backbone.bn1.bi'):
        run(tmp_path, file).train()


def test_entries_may_stay_random_by_their_full_names(file, tmp_path,
                                                     monkeypatch):
    hook = dict(modules=['backbone', 'head'], may_stay_random=['head.'])
    runner = run(tmp_path, file, hook=hook)
    logged = messages(runner, monkeypatch)
    runner.train()
    assert (f'all {ENTRIES} entries of {file} are in backbone, head; random: '
            'head.weight, head.bias, head.running_mean, head.running_var'
            in logged)
    hook['may_stay_random'] = ['head.weight']
    with pytest.raises(UserError, match='stayed random: head.bias'):
        run(tmp_path, file, hook=hook).train()


@pytest.mark.parametrize('checkpoint, message', [
    ('nowhere/r18.pth', 'no checkpoint at nowhere/r18.pth'),
    (UNSET, 'set XLEARNER_CKPT, or .* checkpoint=FILE'),
])
def test_no_file_stops_the_run_before_weights_are_read(tmp_path, checkpoint,
                                                       message):
    with pytest.raises(UserError, match=message):
        run(tmp_path, checkpoint).train()


def test_a_resumed_run_is_not_compared(file, tmp_path):
    run(tmp_path, file).train()  # changes all weights
    torch.save(dict(other=torch.zeros(1)), file)
    runner = run(tmp_path, file, iters=2, resume=True)
    runner.train()
    assert runner.iter == 2


def test_a_model_loaded_whole_is_not_compared(file, tmp_path):
    run(tmp_path, file).train()
    file.unlink()
    whole = str(tmp_path / 'iter_1.pth')
    runner = run(tmp_path / 'second', file, RESNET, load_from=whole)
    runner.train()
    assert runner.iter == 1


@pytest.mark.parametrize('checkpoint', [UNSET, 'nowhere/r18.pth'])
@pytest.mark.parametrize('loaded', ['by the runner', 'by hand'])
@pytest.mark.parametrize('training', ['in the config', 'absent'])
def test_a_test_needs_no_file(file, tmp_path, checkpoint, loaded, training):
    run(tmp_path, file).train()
    whole = str(tmp_path / 'iter_1.pth')
    parts = ('train_dataloader', 'train_cfg', 'optim_wrapper')
    runner = run(
        tmp_path / 'second',
        checkpoint,
        test_dataloader=DataLoader([dict(inputs=torch.rand(3, 32, 32))]),
        test_evaluator=[],
        test_cfg=dict(),
        load_from=whole if loaded == 'by the runner' else None,
        **(dict.fromkeys(parts) if training == 'absent' else {}))
    if loaded == 'by hand':
        runner.load_checkpoint(whole)
    runner.test()
    trained = torch.load(whole, weights_only=False)['state_dict']
    for key, value in runner.model.state_dict().items():
        assert torch.equal(value, trained[key]), key
