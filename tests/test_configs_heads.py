"""configs/demo: the heads behind the squeezed student, on generated scenes."""
from pathlib import Path

import pytest
import torch

from xlearner_mm.apis import load_config
from xlearner_mm.datasets import build_train_loader
from xlearner_mm.datasets.demo_scenes import generate_demo_data
from xlearner_mm.registry import MODELS
from xlearner_mm.sources import check_copies
from xlearner_mm.systems.chain import starts_from
from xlearner_mm.testing.runs import gradients

CONFIGS = Path(__file__).parents[1] / 'configs'
NAME = 'xlearner-heads_r18_demo'
FILES = sorted(CONFIGS.glob('*/xlearner-heads*.py'))


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_config_starts_from_its_squeeze_and_expansion(file):
    cfg = load_config(str(file))
    squeeze, expansion = (
        load_config(str(file.parent / f'{name}.py'))
        for name in starts_from(cfg))
    assert cfg.model.student == squeeze.model.student
    assert cfg.model.expansion == squeeze.model.teacher.init_cfg.checkpoint
    check_copies(cfg)
    for one, other in zip(cfg.sources, expansion.sources, strict=True):
        assert (one.name, one.model) == (other.name, other.model)
    for stage, run in dict(squeeze=squeeze, expansion=expansion).items():
        assert cfg.model[stage].endswith(
            f'/iter_{run.train_cfg.max_iters}.pth')
    assert len(cfg.infer_scale) == 2


def test_every_weight_but_the_students_gets_a_gradient(tmp_path, monkeypatch):
    """As training on several GPUs needs it."""
    generate_demo_data(tmp_path, num_train=12, num_val=12, num_transfer=12,
                       num_test=12)  # yapf: disable
    monkeypatch.setenv('XLEARNER_DEMO_DATA', str(tmp_path))
    cfg = load_config(str(CONFIGS / f'demo/{NAME}.py'))
    for source in cfg.sources:
        source.batch_size = 2
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg.model, _scope_='xlearner_mm')).train()
    batch = next(iter(build_train_loader(cfg.sources, max_iters=1)))
    data = model.data_preprocessor(batch, True)
    model(**data, mode='loss')['loss'].backward()
    assert gradients(model) == {
        n
        for n, _ in model.named_parameters() if not n.startswith('student.')
    }
