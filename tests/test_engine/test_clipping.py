"""Clipping per task in phase 1, over all gradients in phase 2."""
import torch

from xlearner_mm.engine.runner.expansion_train_loop import clip_by_group
from xlearner_mm.testing import runs, tiny

_CLIP = dict(max_norm=0.05)


def _config(sources, work_dir, join_iter):
    cfg = tiny.run_config(sources, work_dir, max_iters=2)
    cfg['train_cfg']['join_iter'] = join_iter
    cfg['optim_wrapper']['clip_grad'] = _CLIP
    return cfg


def test_each_group_is_clipped_to_the_norm_by_itself():
    big, small = torch.nn.Parameter(torch.ones(3)), torch.nn.Parameter(
        torch.ones(2))
    big.grad, small.grad = torch.full((3, ), 8.0), torch.full((2, ), 0.01)
    norm = clip_by_group([big, small],
                         torch.nn.utils.clip_grad_norm_, [[big], [small]],
                         max_norm=1.0)
    assert torch.isclose(norm, torch.tensor(8.0) * 3**0.5)
    assert torch.isclose(big.grad.norm(), torch.tensor(1.0), atol=1e-5)
    assert torch.equal(small.grad, torch.full((2, ), 0.01))


def test_a_clipped_phase_1_equals_the_task_trained_alone(tmp_path):
    cls, seg = tiny.cls_source(tmp_path), tiny.seg_source(tmp_path)
    both = runs.build_runner(_config([cls, seg], tmp_path / 'both', 2))
    alone = runs.build_runner(_config([cls], tmp_path / 'alone', 2))
    start = {k: v.clone() for k, v in alone.model.state_dict().items()}
    for runner in (both, alone):
        runner.model.load_state_dict({**runner.model.state_dict(), **start})
        runner.model._is_init = True  # keep these weights
        runner.train()
    trained = both.model.state_dict()
    for key, value in alone.model.state_dict().items():
        assert torch.equal(trained[key], value), key
