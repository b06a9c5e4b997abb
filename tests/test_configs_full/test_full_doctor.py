"""The doctor takes the configs at the paper's scale for sound."""
import re

import pytest
from full_configs import FILES, INTO_OTHERS, parts

from xlearner_mm.apis import load_config
from xlearner_mm.doctor import examine

MISSING = re.compile(r'no (?:checkpoint|file) at work_dirs/.*'
                     r'python tools/train\.py (?:/.*/)?(configs/\S+\.py)')


@pytest.mark.parametrize(
    'file', FILES + INTO_OTHERS, ids=lambda file: file.stem)
def test_nothing_is_wrong_but_earlier_runs_that_are_missing(file, data):
    """And the tiny files are less than a batch."""
    cfg = load_config(str(file), variables=dict(XLEARNER_DATA=str(data)))
    for finding in examine(cfg, int(parts(file)['gpus'])):
        if finding.level == 'warning':
            assert 'but there are 3:' in finding.what
        if finding.level == 'error' and 'pseudo labels' not in finding.what:
            assert MISSING.search(str(finding)), finding
