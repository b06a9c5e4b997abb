"""Fixtures of all tests: tiny sources on disk, and batches of them."""
import os
from copy import deepcopy

# The tests claim equality bit for bit, which holds on the CPU.
os.environ['CUDA_VISIBLE_DEVICES'] = ''

import pytest  # noqa: E402
import torch  # noqa: E402


@pytest.fixture(scope='session', autouse=True)
def one_thread():
    """Tiny tensors are slower on several threads."""
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def written_sources(tmp_path_factory):
    """Sources of three tasks, written once."""
    from xlearner_mm.testing import tiny
    root = tmp_path_factory.mktemp('sources')
    return [tiny.cls_source(root), tiny.det_source(root),
            tiny.seg_source(root)]  # yapf: disable


@pytest.fixture
def sources(written_sources):
    """Configs of 'animals' (cls), 'things' (det) and 'stuff' (seg)."""
    return deepcopy(written_sources)


@pytest.fixture
def batch(sources):
    """The batch of iteration 0 of all sources."""
    from xlearner_mm.datasets import build_train_loader
    return next(iter(build_train_loader(sources, max_iters=9)))
