"""Fixtures of all tests: tiny sources on disk, and batches of them."""
import gc
import os
from copy import deepcopy

# The tests claim equality bit for bit, which holds on the CPU. A GPU is for
# those that need one: XLEARNER_TEST_GPU=0 and the test's path.
os.environ['CUDA_VISIBLE_DEVICES'] = os.environ.get('XLEARNER_TEST_GPU', '')

import pytest  # noqa: E402
import torch  # noqa: E402

from xlearner_mm.datasets import build_train_loader  # noqa: E402
from xlearner_mm.testing import runs, tiny  # noqa: E402


@pytest.fixture(scope='session', autouse=True)
def one_thread():
    """Tiny tensors are slower on several threads."""
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def written_sources(tmp_path_factory):
    """Sources of three tasks, written once."""
    root = tmp_path_factory.mktemp('sources')
    sources = [
        tiny.cls_source(root),
        tiny.det_source(root),
        tiny.seg_source(root)
    ]
    build_train_loader(sources, max_iters=1)  # imports the three packages
    gc.freeze()  # each dataset collects garbage: 0.2 s without this
    return sources


@pytest.fixture(scope='session')
def heads_run(written_sources, tmp_path_factory):
    """Config of a run of the heads stage, which is done; see its model."""
    root = tmp_path_factory.mktemp('heads')
    folders = [root / name for name in ('expansion', 'squeeze', 'heads')]
    expansion, squeeze = (folder / 'iter_2.pth' for folder in folders[:2])
    sources = deepcopy(written_sources)
    runs.train(tiny.run_config(sources, folders[0], max_iters=2))
    runs.train(
        runs.squeeze_config(sources, folders[1], expansion, max_iters=2))
    cfg = runs.heads_config(sources, folders[2], squeeze, expansion)
    cfg['default_hooks']['checkpoint']['max_keep_ckpts'] = -1
    runs.train(cfg)
    return cfg


@pytest.fixture
def sources(written_sources):
    """Configs of 'animals' (cls), 'things' (det) and 'stuff' (seg)."""
    return deepcopy(written_sources)


@pytest.fixture
def batch(sources):
    """The batch of iteration 0 of all sources."""
    return next(iter(build_train_loader(sources, max_iters=9)))
