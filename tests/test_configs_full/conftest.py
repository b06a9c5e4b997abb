"""Fixtures of the tests of the configs at the paper's scale."""
import pytest

from xlearner_mm.testing.source_files import write_all


@pytest.fixture(scope='session')
def data(tmp_path_factory, written_sources):
    """Small files of all ten sources, the three packages being loaded."""
    root = tmp_path_factory.mktemp('data')
    write_all(root)
    return root
